// The peer of echo.py: crossws on Node, five hooks, no trace. Prints a line once it listens.
// Arguments: port, and which five hooks ("plain" or "context").
import { createServer } from "node:http";
import crossws from "crossws/adapters/node";

let seen = 0;
const echo = (peer, message) => {
  peer.send(message.text());
};

const chains = {
  plain: [
    () => {
      seen += 1;
    },
    (_peer, message) => {
      message.text().startsWith("/");
    },
    (_peer, message) => {
      message.text().includes("darn");
    },
    (peer) => {
      peer.id;
    },
    echo,
  ],
  context: [
    (peer) => {
      peer.context.seen = (peer.context.seen ?? 0) + 1;
    },
    (peer, message) => {
      peer.context.size = message.text().length;
    },
    (peer) => {
      peer.context.odd = peer.context.seen % 2 === 1;
    },
    (peer) => {
      peer.context.long = peer.context.size > 1000;
    },
    echo,
  ],
};
const chain = chains[process.argv[3]];

const ws = crossws({
  hooks: {
    // crossws has one function per event; a chain of five is five calls in it.
    message(peer, message) {
      for (const hook of chain) hook(peer, message);
    },
  },
});

const server = createServer((_request, response) => response.end());
server.on("upgrade", (request, socket, head) => ws.handleUpgrade(request, socket, head));
server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listening"));
