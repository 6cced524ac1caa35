// Loaded before tabby-agent: refuses every connection that would leave this machine, and says so on
// stderr, so that the benchmark can count the attempts.
"use strict";
const net = require("node:net");

const LOOPBACK = /^(127\.|::1$|localhost$)/;
const connect = net.Socket.prototype.connect;

function host(given) {
  const first = Array.isArray(given[0]) ? given[0][0] : given[0];
  if (first && typeof first === "object") return first.path ? "localhost" : first.host || "localhost";
  return typeof given[1] === "string" ? given[1] : "localhost";
}

net.Socket.prototype.connect = function (...given) {
  if (!LOOPBACK.test(host(given))) {
    process.stderr.write("refused: a connection beyond loopback\n");
    process.nextTick(() => this.destroy(new Error("only loopback is allowed here")));
    return this;
  }
  return connect.apply(this, given);
};
