// Scripts of Directus's own SDK. Each prints one line of JSON: what it saw.
import {
  authentication, createDirectus, createItem, createItems, deleteItem, deleteItems, readItem, readItems, readMe,
  readSingleton, realtime, rest, staticToken, updateItem, updateItems, updateSingleton,
} from '@directus/sdk';
import NodeWebSocket from 'ws';

// The SDK listens anew for each message, so it misses the second of two that Node reads at once. Browsers give each
// message a turn of its own; this makes ws do the same.
class WebSocket extends NodeWebSocket {
  constructor(address, protocols) {
    super(address, protocols, { allowSynchronousEvents: false });
  }
}

const [script, url] = process.argv.slice(2);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function socket(mode = 'handshake') {
  return createDirectus(url, { globals: { WebSocket } }).with(staticToken('alice-token')).with(realtime({ authMode: mode, reconnect: false }));
}

async function waitFor(heard, count) {
  for (let waited = 0; waited < 5000 && heard.length < count; waited += 20) await pause(20);
}

// A fixed pause would be too short on a machine that is busy with other tests.
async function found(heard, wanted) {
  for (let waited = 0; waited < 10000; waited += 10) {
    const message = heard.find(wanted);
    if (message) return message;
    await pause(10);
  }
  throw new Error(`nothing of that kind within 10 s; heard ${JSON.stringify(heard)}`);
}

const reply = (heard, type) => found(heard, (message) => message.type === type);

const scripts = {
  async rest() {
    const client = createDirectus(url).with(authentication('json', { autoRefresh: false })).with(rest());
    const login = await client.login({ email: 'alice@example.com', password: 'alice-pass-1' });
    const made = await client.request(createItem('messages', { text: 'sdk rest', channel: 'sdk' }, { fields: ['text', 'id'] }));
    const many = await client.request(createItems('messages', [{ text: 'sdk b', channel: 'sdk' }, { text: 'sdk a', channel: 'sdk' }]));
    const listed = await client.request(readItems('messages', {
      fields: ['text'], sort: ['-text'], filter: { channel: { _eq: 'sdk' } }, limit: 2,
    }));
    const one = await client.request(readItem('messages', made.id, { fields: ['text'] }));
    const updated = await client.request(updateItem('messages', made.id, { likes: 3 }, { fields: ['likes'] }));
    const several = await client.request(updateItems('messages', many.map((item) => item.id), { likes: 4 }, { fields: ['likes'] }));
    const board = await client.request(updateSingleton('board', { headline: 'sdk' }));
    const again = await client.request(readSingleton('board'));
    const me = await client.request(readMe({ fields: ['email'] }));
    await client.request(deleteItem('messages', made.id));
    await client.request(deleteItems('messages', many.map((item) => item.id)));
    const gone = await client.request(readItem('messages', made.id)).catch((error) => error.errors[0].extensions.code);
    const refreshed = await client.refresh();
    await client.logout();
    const out = await client.request(readItems('messages')).catch((error) => error.errors[0].extensions.code);
    return {
      expires: login.expires, made: made.text, many: many.length, listed, one, updated, several,
      board: board.headline, again: again.headline, me, gone, refreshed: refreshed.refresh_token !== login.refresh_token, out,
    };
  },

  async realtime() {
    const client = socket();
    const heard = [];
    client.onWebSocket('message', (message) => heard.push(message));
    await client.connect();
    await waitFor(heard, 1);
    const { subscription, unsubscribe } = await client.subscribe('messages', {
      event: 'create', query: { fields: ['text'], filter: { channel: { _eq: 'sdk-live' } } },
    });
    const seen = [];
    const reading = (async () => {
      for await (const message of subscription) {
        seen.push(message);
        if (seen.length === 3) break;
      }
    })();
    await pause(50);
    for (const text of ['one', 'two']) {
      client.sendMessage({ type: 'items', action: 'create', collection: 'messages', data: { text, channel: 'sdk-live' } });
      await pause(80);
    }
    await reading;
    unsubscribe();
    client.sendMessage({ type: 'whoami' });
    const who = await reply(heard, 'whoami');
    client.disconnect();
    return { seen, user: who.user, welcome: heard[0].type, unsubscribed: heard.some((message) => message.event === 'unsubscribe') };
  },

  async login() {
    const client = createDirectus(url, { globals: { WebSocket } }).with(authentication('json', { autoRefresh: false })).with(realtime({ reconnect: false }));
    await client.login({ email: 'rita@example.com', password: 'rita-pass-1' });
    const heard = [];
    client.onWebSocket('message', (message) => heard.push(message));
    await client.connect();
    client.sendMessage({ type: 'whoami' });
    const who = await reply(heard, 'whoami');
    client.disconnect();
    return { user: who.user, expires: typeof who.expires };
  },

  async refused() {
    const client = createDirectus(url, { globals: { WebSocket } }).with(staticToken('nobody')).with(realtime({ reconnect: false }));
    return { refused: await client.connect().then(() => false, () => true) };
  },

  async strict() {
    const client = socket('strict');
    const heard = [];
    client.onWebSocket('message', (message) => heard.push(message));
    await client.connect();
    client.sendMessage({ type: 'whoami' });
    const who = await reply(heard, 'whoami');
    client.disconnect();
    return { user: who.user };
  },

  async again() {
    const client = createDirectus(url, { globals: { WebSocket } }).with(staticToken('alice-token')).with(realtime({
      reconnect: { delay: 50, retries: 3 },
    }));
    const heard = [];
    client.onWebSocket('message', (message) => heard.push(message));
    await client.connect();
    const { subscription } = await client.subscribe('messages', { event: 'create', query: { fields: ['text'] }, uid: 'mine' });
    const seen = [];
    (async () => { for await (const message of subscription) seen.push(message); })();
    await waitFor(seen, 1);
    client.sendMessage({ type: 'kick', code: 4000, reason: 'again' });
    await waitFor(seen, 2); // or 3: the SDK may subscribe twice after a reconnect
    client.sendMessage({ type: 'items', action: 'create', collection: 'messages', data: { text: 'after' } });
    const after = await found(seen, (message) => message.event === 'create');
    client.disconnect();
    return { after, subscribed: seen.filter((message) => message.event === 'init').length };
  },
};

console.log(JSON.stringify(await scripts[script]()));
process.exit(0);
