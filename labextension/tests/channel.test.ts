import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Channel, Refused, type ChannelState, type Connector, type Link } from "../src/core/channel.js";
import { commConnector, openSocket, PAGE, proxyConnector } from "../src/core/links.js";
import type { Message } from "../src/core/protocol.js";

const BENCH = { id: "k.chat", name: "chat", dialect: "crossws", version: "0.1.0", points: [] };

class Way {
  sent: Message[] = [];
  link: Link | null = null;
  opened = 0;
  constructor(readonly kind: Connector["kind"], public works: boolean | "mute" | number = true) {}
  connector(): Connector {
    return { kind: this.kind, label: this.kind, open: () => (this.works === false ? Promise.reject(new Error(`${this.kind} is shut`)) : Promise.resolve(this.make())) };
  }
  private make(): Link {
    this.opened++;
    const link: Link = {
      send: (message) => {
        this.sent.push(message);
        if (message.op === "hello" && this.works !== "mute") queueMicrotask(() => link.receive({ op: "welcome", v: typeof this.works === "number" ? this.works : 1, bench: BENCH }));
      },
      close: () => {}, receive: () => {}, closed: () => {},
    };
    return (this.link = link);
  }
}

function channelOver(...ways: Way[]) {
  const states: ChannelState[] = [];
  const frames: unknown[] = [];
  const channel = new Channel({
    face: "page", connectors: () => ways.map((w) => w.connector()), patience: 50,
    onState: (state) => states.push(state), onFrame: (view, data) => frames.push([view, data]), painted: (done) => setTimeout(done, 5),
  });
  return { channel, states, frames, last: () => states.at(-1) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe("finding a way", () => {
  test("the first way that welcomes is taken", async () => {
    const proxy = new Way("proxy", false);
    const direct = new Way("direct");
    const comm = new Way("comm");
    const { channel, last } = channelOver(proxy, direct, comm);
    await channel.connect();
    expect(last()).toMatchObject({ phase: "open", kind: "direct", bench: BENCH });
    expect(comm.opened).toBe(0);
    expect(direct.sent[0]).toEqual({ op: "hello", v: 1, face: "page" });
  });

  test("a way that opens and does not welcome in time is passed over", async () => {
    const { channel, last } = channelOver(new Way("proxy", "mute"), new Way("comm"));
    const connecting = channel.connect();
    await pass(60);
    await connecting;
    expect(last()).toMatchObject({ phase: "open", kind: "comm" });
  });

  test("another protocol is refused with what to do", async () => {
    const { channel, last } = channelOver(new Way("comm", 2));
    await channel.connect();
    expect(last()).toMatchObject({ phase: "lost", reason: expect.stringContaining("protocol 2, this page 1: restart the kernel") });
  });

  test("without a way it says why and tries again, later each time", async () => {
    const way = new Way("comm", false);
    const { channel, states } = channelOver(way);
    await channel.connect();
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      const state = states.at(-1);
      if (state?.phase === "lost") waits.push(state.retryAt - Date.now());
      await pass(waits.at(-1)! + 1);
    }
    expect(waits).toHaveLength(4);
    expect(waits[3]).toBeGreaterThan(waits[0]! * 5);
    way.works = true;
    await pass(20_000);
    expect(states.at(-1)).toMatchObject({ phase: "open" });
  });

  test("connecting again over the comm moves to a better way and carries the watches over", async () => {
    const proxy = new Way("proxy", false);
    const comm = new Way("comm");
    const { channel, last } = channelOver(proxy, comm);
    await channel.connect();
    channel.watch("chain", "visible");
    proxy.works = true;
    await channel.connect();
    expect(last()).toMatchObject({ phase: "open", kind: "proxy" });
    expect(proxy.sent).toContainEqual({ op: "watch", view: "chain", pace: "visible" });
  });

  test("a host that cannot say its ways is told as the reason", async () => {
    const states: ChannelState[] = [];
    const channel = new Channel({ face: "lab", connectors: () => Promise.reject(new Error("No bench of that id runs.")), onState: (s) => states.push(s), onFrame: () => {} });
    await channel.connect();
    expect(states.at(-1)).toMatchObject({ phase: "lost", reason: "No bench of that id runs." });
    channel.dispose();
  });

  test("connecting again without a better way keeps the link", async () => {
    const comm = new Way("comm");
    const { channel } = channelOver(new Way("proxy", false), comm);
    await channel.connect();
    await channel.connect();
    expect(comm.opened).toBe(1);
  });
});

describe("requests", () => {
  test("answers find their requests by id, in any order", async () => {
    const way = new Way("proxy");
    const { channel } = channelOver(way);
    await channel.connect();
    const first = channel.request({ op: "undo" });
    const second = channel.request({ op: "redo" });
    const [a, b] = way.sent.slice(-2);
    expect(a!.id).not.toBe(b!.id);
    way.link!.receive({ op: "answer", id: b!.id!, ok: true, revision: 8 });
    way.link!.receive({ op: "answer", id: a!.id!, ok: true, revision: 9, python: "bench.undo()", data: 1 });
    expect(await second).toEqual({ revision: 8, python: null, data: undefined });
    expect(await first).toEqual({ revision: 9, python: "bench.undo()", data: 1 });
  });

  test("a refusal rejects with its sentence and the revision", async () => {
    const way = new Way("proxy");
    const { channel } = channelOver(way);
    await channel.connect();
    const asked = channel.request({ op: "edit" });
    way.link!.receive({ op: "refused", id: way.sent.at(-1)!.id!, ok: false, reason: "h3 is gone", revision: 4 });
    const error = await asked.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ message: "h3 is gone", revision: 4 });
  });

  test("a lost link fails what waits, and what is asked meanwhile", async () => {
    const way = new Way("proxy");
    const { channel, last } = channelOver(way);
    await channel.connect();
    const asked = channel.request({ op: "ping" });
    way.works = false;
    way.link!.closed("the side socket was closed");
    await expect(asked).rejects.toThrow("side socket was closed");
    await expect(channel.request({ op: "ping" })).rejects.toThrow("not connected");
    expect(last()).toMatchObject({ phase: "lost" });
  });

  test("bye ends the link and another is looked for", async () => {
    const way = new Way("comm");
    const { channel, last } = channelOver(way);
    await channel.connect();
    way.link!.receive({ op: "bye", reason: "replaced" });
    expect(last()).toMatchObject({ phase: "lost", reason: "replaced" });
    await pass(1000);
    expect(way.opened).toBe(2);
  });
});

describe("frames", () => {
  test("a frame is acknowledged after it was painted, not before", async () => {
    const way = new Way("proxy");
    const { channel, frames } = channelOver(way);
    await channel.connect();
    channel.watch("events", "focused", { limit: 5 });
    way.link!.receive({ op: "frame", view: "events", frame: 7, data: { rows: [] } });
    expect(frames).toEqual([["events", { rows: [] }]]);
    expect(way.sent.filter((m) => m.op === "ack")).toEqual([]);
    await pass(6);
    expect(way.sent.at(-1)).toEqual({ op: "ack", view: "events", frame: 7 });
  });

  test("frames of a view that is no longer watched are acknowledged and dropped", async () => {
    const way = new Way("proxy");
    const { channel, frames } = channelOver(way);
    await channel.connect();
    channel.watch("events", "focused");
    channel.unwatch("events");
    way.link!.receive({ op: "frame", view: "events", frame: 1, data: {} });
    await pass(6);
    expect(frames).toEqual([]);
    expect(way.sent.at(-1)).toMatchObject({ op: "ack" });
  });

  test("watching again sends something only when pace or parameters differ", async () => {
    const way = new Way("proxy");
    const { channel } = channelOver(way);
    await channel.connect();
    channel.watch("events", "focused", { limit: 5 });
    channel.watch("events", "focused", { limit: 5 });
    channel.watch("events", "hidden", { limit: 5 });
    expect(way.sent.filter((m) => m.op === "watch").map((m) => m["pace"])).toEqual(["focused", "hidden"]);
  });

  test("an unknown op from a newer bench is no error", async () => {
    const way = new Way("proxy");
    const { channel, last } = channelOver(way);
    await channel.connect();
    way.link!.receive({ op: "fanfare" });
    expect(last()).toMatchObject({ phase: "open" });
  });
});

describe("links", () => {
  class FakeSocket {
    static made: FakeSocket[] = [];
    readyState = 1;
    sent: string[] = [];
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: unknown }) => void) | null = null;
    onclose: ((event: { reason: string }) => void) | null = null;
    constructor(readonly url: string) {
      FakeSocket.made.push(this);
    }
    send(text: string) {
      this.sent.push(text);
    }
    close() {}
  }
  const make = (url: string) => new FakeSocket(url) as unknown as WebSocket;

  test("the proxy's address holds the bench's id and no token", async () => {
    void proxyConnector("ws://hub/user/a%40b/", "4f.chat", make).open();
    expect(FakeSocket.made.at(-1)!.url).toBe("ws://hub/user/a%40b/workbench/servers/4f.chat/_workbench/channel");
  });

  test("the direct token goes into the first frame only", async () => {
    const opening = openSocket("ws://127.0.0.1:1/x", make, { token: "t" });
    const socket = FakeSocket.made.at(-1)!;
    socket.onopen!();
    const link = await opening;
    link.send({ op: "hello", v: 1 });
    link.send({ op: "ping", id: 1 });
    expect(socket.sent.map((s) => JSON.parse(s) as unknown)).toEqual([{ op: "hello", v: 1, token: "t" }, { op: "ping", id: 1 }]);
    expect(socket.url).not.toContain("t=");
  });

  test("a socket that closes before it opens is a way that does not work", async () => {
    const opening = openSocket("ws://127.0.0.1:1/x", make);
    FakeSocket.made.at(-1)!.onclose!({ reason: "" });
    await expect(opening).rejects.toThrow("side socket was closed");
  });

  test("over the comm this page hears only what carries its own text", async () => {
    const listeners = new Set<(content: unknown) => void>();
    const sent: unknown[] = [];
    const model = { send: (m: unknown) => void sent.push(m), on: (_: string, f: (c: unknown) => void) => void listeners.add(f), off: (_: string, f: (c: unknown) => void) => void listeners.delete(f) };
    const link = await commConnector(model).open();
    const heard: Message[] = [];
    link.receive = (m) => heard.push(m);
    link.send({ op: "ping", id: 1 });
    expect(sent).toEqual([{ op: "ping", id: 1, page: PAGE }]);
    for (const listen of listeners) {
      listen({ op: "answer", id: 1, page: "another" });
      listen({ op: "answer", id: 1, page: PAGE });
      listen("noise");
    }
    expect(heard).toHaveLength(1);
    link.close();
    expect(listeners.size).toBe(0);
  });
});
