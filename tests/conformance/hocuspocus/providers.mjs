// Real providers, driven by JSON lines on standard input; each line gets one line of answer.
import { createInterface } from 'node:readline'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'

const providers = new Map()
const sockets = new Map()

function socketOf({ socket, url }) {
  if (!sockets.has(socket)) {
    sockets.set(socket, new HocuspocusProviderWebsocket({ url, WebSocketPolyfill: WebSocket, delay: 100, minDelay: 100, maxDelay: 500 }))
  }
  return sockets.get(socket)
}

const commands = {
  open({ id, name, token = 'token', client, session = false, ...where }) {
    const document = new Y.Doc()
    if (client) document.clientID = client
    const events = []
    const tell = (kind, pick) => (event) => events.push([kind, pick ? pick(event) : null])
    const provider = new HocuspocusProvider({
      websocketProvider: socketOf(where),
      name,
      token: () => providers.get(id)?.token ?? token,
      document,
      sessionAwareness: session,
      onAuthenticated: tell('authenticated', (event) => event.scope),
      onAuthenticationFailed: tell('failed', (event) => event.reason),
      onSynced: tell('synced', (event) => event.state),
      onStateless: tell('stateless', (event) => event.payload),
      onClose: tell('close', (event) => [event.event?.code, event.event?.reason]),
    })
    provider.attach()
    providers.set(id, { provider, document, events, token })
  },
  set: ({ id, values }) => {
    const { document } = providers.get(id)
    document.transact(() => Object.entries(values).forEach(([key, value]) => document.getMap('m').set(key, value)))
  },
  insert: ({ id, at, text }) => providers.get(id).document.getText('t').insert(at, text),
  see: ({ id }) => {
    const { provider, document, events } = providers.get(id)
    const states = [...provider.awareness.getStates()].filter(([, state]) => Object.keys(state).length)
    return {
      map: document.getMap('m').toJSON(),
      text: document.getText('t').toString(),
      unsynced: provider.unsyncedChanges,
      synced: provider.synced,
      scope: provider.authorizedScope ?? null,
      events,
      awareness: Object.fromEntries(states),
    }
  },
  stateless: ({ id, payload }) => providers.get(id).provider.sendStateless(payload),
  aware: ({ id, state }) => providers.get(id).provider.awareness.setLocalState(state),
  token({ id, token }) {
    providers.get(id).token = token
    return providers.get(id).provider.sendToken()
  },
  destroy: ({ id }) => {
    providers.get(id).provider.destroy()
    providers.delete(id)
  },
  // Answered when the socket has gone: the provider forgets a connect() that comes before (so with Hocuspocus itself).
  disconnect({ socket }) {
    const gone = new Promise((resolve) => sockets.get(socket).on("close", () => resolve(null)))
    sockets.get(socket).disconnect()
    return gone
  },
  connect: ({ socket }) => void sockets.get(socket).connect(),
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line)
  try {
    console.log(JSON.stringify({ answer: (await commands[command](rest)) ?? null }))
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }))
  }
}
process.exit(0)
