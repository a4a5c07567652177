// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The heads of one transparency log: only its operator may add one, and only one that is larger.
contract CheckpointAnchor {
    address public immutable operator;
    bytes32 public immutable origin; // SHA-256 of the log's name
    uint64 public size;
    mapping(uint64 => Head) public headAt;

    /// The block tells where the event is, so that nobody has to search the whole chain for it.
    struct Head {
        bytes32 root;
        uint64 blockNumber;
    }

    event Anchored(uint64 indexed size, bytes32 root);

    error NotTheOperator();
    error NotLarger(uint64 size);

    constructor(address operator_, bytes32 origin_) {
        operator = operator_;
        origin = origin_;
    }

    function anchor(uint64 newSize, bytes32 root) external {
        if (msg.sender != operator) revert NotTheOperator();
        if (newSize <= size) revert NotLarger(size);
        size = newSize;
        headAt[newSize] = Head(root, uint64(block.number));
        emit Anchored(newSize, root);
    }
}
