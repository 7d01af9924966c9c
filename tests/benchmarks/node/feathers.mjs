// The peer of services.py: Feathers on Node.
// Arguments: a port, to serve REST on koa with four hooks; or "calls", to time ten-hook calls in process.
import { feathers } from "@feathersjs/feathers";
import { bodyParser, errorHandler, koa, rest } from "@feathersjs/koa";

const records = Array.from({ length: 1000 }, (_, id) => ({ id, text: `message ${id}`, read: id % 2 === 0 }));
const services = { messages: records.slice(0, 10), archive: records };

class Messages {
  constructor(path) {
    this.records = services[path];
  }

  async find() {
    return this.records;
  }
}

const around = async (context, next) => {
  context.params.started = 1;
  await next();
};
const check = async (context) => {
  context.params.checked = context.params.query.$limit !== undefined;
};
const look = async (context) => {
  context.params.seen = context.result.length;
};
const stamp = async (context) => {
  context.params.stamped = true;
};

function served(port) {
  const app = koa(feathers());
  app.use(errorHandler());
  app.use(bodyParser());
  app.configure(rest());
  for (const path of Object.keys(services)) {
    app.use(path, new Messages(path));
    app.service(path).hooks({
      around: { all: [around] },
      before: { find: [check] },
      after: { all: [look], find: [stamp] },
    });
  }
  app.listen(port, "127.0.0.1").then(() => console.log("listening"));
}

async function called(seconds) {
  const app = feathers();
  app.use("messages", new Messages("messages"));
  const outer = async (_context, next) => {
    await next();
  };
  const step = async () => {};
  const steps = [step, step, step, step];
  app.service("messages").hooks({
    around: { all: [outer, outer] },
    before: { all: steps },
    after: { all: steps },
  });
  const service = app.service("messages");
  for (let turn = 0; turn < 20000; turn += 1) await service.find({ query: {} });
  let done = 0;
  const begun = performance.now();
  while (performance.now() < begun + seconds * 1000) {
    for (let turn = 0; turn < 100; turn += 1) await service.find({ query: {} });
    done += 100;
  }
  console.log(Math.round((done * 1000) / (performance.now() - begun)));
}

if (process.argv[2] === "calls") await called(Number(process.argv[3]));
else served(Number(process.argv[2]));
