// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The heads of one transparency log: only its operator may add one, and only one that is larger.
contract CheckpointAnchor {
    address public immutable operator;
    bytes32 public immutable origin; // SHA-256 of the log's name
    uint64 public size;
    mapping(uint64 => bytes32) public rootAt;

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
        rootAt[newSize] = root;
        emit Anchored(newSize, root);
    }
}
