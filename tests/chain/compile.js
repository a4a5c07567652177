// Compiles the contract as it was compiled for the repository, and prints its ABI and bytecode.
const fs = require("fs");
const solc = require("solc");
const name = "CheckpointAnchor.sol";
const settings = {
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences"] } },
};
const input = { language: "Solidity", sources: { [name]: { content: fs.readFileSync(process.argv[2], "utf8") } }, settings };
const output = JSON.parse(solc.compile(JSON.stringify(input)));
for (const error of output.errors || []) {
  console.error(error.formattedMessage);
  if (error.severity === "error") process.exit(1);
}
const made = output.contracts[name].CheckpointAnchor;
const ranges = Object.values(made.evm.deployedBytecode.immutableReferences).flat().map((r) => [r.start, r.length]);
console.log(JSON.stringify({
  compiler: solc.version(),
  abi: made.abi,
  bytecode: made.evm.bytecode.object,
  deployed: made.evm.deployedBytecode.object,
  immutables: ranges.sort((a, b) => a[0] - b[0]),
}, null, 1));
