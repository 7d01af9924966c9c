import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { WidgetModel } from "../src/widget/host.js";

const ROW = { id: "k.chat", name: "chat", state: "live" };

function model(more: Partial<WidgetModel> = {}): WidgetModel & { sent: unknown[] } {
  const sent: unknown[] = [];
  return { sent, get: (name) => (name === "bench_id" ? "k.chat" : ""), send: (content) => void sent.push(content), on: () => {}, off: () => {}, ...more };
}

/** A page of a Jupyter server whose answers are given by path; anything else is 404. */
function jupyter(answers: Record<string, unknown>) {
  const config = document.createElement("script");
  config.id = "jupyter-config-data";
  config.type = "application/json";
  config.textContent = JSON.stringify({ baseUrl: "/user/a%40b/" });
  document.body.append(config);
  const asked: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    const path = url.split("/workbench/")[1] ?? "";
    asked.push(path);
    return Promise.resolve(new Response(JSON.stringify(answers[path] ?? { message: "none" }), { status: path in answers ? 200 : 404 }));
  });
  return asked;
}

async function kinds(m: WidgetModel): Promise<string[]> {
  const { widgetHost } = await import("../src/widget/host.js");
  return (await widgetHost(m).connectors()).map((c) => c.kind);
}

beforeEach(() => {
  vi.resetModules();
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL("http://127.0.0.1:8888/user/a%40b/lab");
});
afterEach(() => void vi.unstubAllGlobals());

describe("the ways of a widget", () => {
  test("with the server extension: its proxy first, then the loopback, then the comm", async () => {
    jupyter({ "api/version": { version: "0.1.0", channel: 1 }, "api/servers/k.chat": ROW });
    expect(await kinds(model())).toEqual(["proxy", "direct", "comm"]);
  });

  test("a bench that is stopped has no side socket worth trying", async () => {
    jupyter({ "api/version": {}, "api/servers/k.chat": { ...ROW, state: "stopped" } });
    expect(await kinds(model())).toEqual(["direct", "comm"]);
  });

  test("without the extension nothing more is asked of the server than its version, once", async () => {
    const asked = jupyter({});
    await kinds(model());
    await kinds(model());
    expect(asked).toEqual(["api/version"]);
  });

  test("on another machine than the kernel there is no loopback", async () => {
    (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL("https://hub.example/user/a%40b/lab");
    jupyter({ "api/version": {}, "api/servers/k.chat": ROW });
    expect(await kinds(model())).toEqual(["proxy", "comm"]);
  });

  test("outside of Jupyter there is the comm", async () => {
    (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL("https://colab.example/");
    expect(await kinds(model())).toEqual(["comm"]);
  });
});

test("clients of the page go through the proxy, under the hub's own path", async () => {
  jupyter({});
  const { widgetHost } = await import("../src/widget/host.js");
  expect(widgetHost(model()).clientUrl!("/chat?room=1")).toBe("ws://127.0.0.1:8888/user/a%40b/workbench/servers/k.chat/chat?room=1");
});

test("a comm that cannot send any more means that the kernel is gone", async () => {
  jupyter({});
  const { widgetHost } = await import("../src/widget/host.js");
  const host = widgetHost(model({ send: () => { throw new Error("Cannot send"); } }));
  expect(await host.diagnose!()).toBeNull();
  const link = await (await host.connectors()).at(-1)!.open();
  expect(() => link.send({ op: "hello" })).toThrow("Cannot send");
  expect(await host.diagnose!()).toMatchObject({ kind: "gone" });
});
