// Feathers' own client, told line by line what to do: node client.mjs URL rest|polling|websocket [ROOM]
// In: {call: [path, method, ...arguments]}, {emit: [name, ...arguments]} (a packet of Socket.IO),
//     {listen: [path, event]} or {order: [path, method, ...]} (the call, with the events that came before its end).
// Out: one line for each: {result}, {error}, {ack}, {}; and {event, data} for each event that is listened to.
import feathers from '@feathersjs/client'
import { io } from 'socket.io-client'
import { createInterface } from 'node:readline'

const [url, transport, room] = process.argv.slice(2)
const METHODS = { methods: ['find', 'get', 'create', 'update', 'patch', 'remove', 'poke', 'shout', 'ping'] }
const say = (told) => process.stdout.write(JSON.stringify(told) + '\n')

const app = feathers()
let connection
let socket
if (transport === 'rest') {
  connection = feathers.rest(url).fetch(globalThis.fetch)
} else {
  socket = io(url, { transports: [transport], reconnection: false, extraHeaders: room ? { 'X-Room': room } : {} })
  connection = feathers.socketio(socket)
  await new Promise((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject))
}
app.configure(connection)

// custom methods have to be named on the client too
for (const path of ['echo', 'users/9/echo', 'trace', 'pinger', 'messages', 'inspect']) {
  app.use(path, connection.service(path), METHODS)
}

function told(error) {
  const { name, message, code, className, data, errors } = error
  return { name, message, code, className, data, errors, type: error.constructor.name }
}

async function call([path, method, ...given]) {
  try {
    return { result: await app.service(path)[method](...given) }
  } catch (error) {
    return { error: told(error) }
  }
}

async function run(line) {
  const { call: asked, emit, listen, order } = JSON.parse(line)
  if (listen) {
    const [path, event] = listen
    app.service(path).on(event, (data) => say({ event: `${path} ${event}`, data: data ?? null }))
    return {}
  }
  if (emit) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ ack: null }), 2000)
      socket.emit(...emit, (...ack) => {
        clearTimeout(timer)
        resolve({ ack })
      })
    })
  }
  const seen = []
  const note = (name) => seen.push(name)
  if (order) socket.onAny(note)
  const answer = await call(asked ?? order)
  if (order) socket.offAny(note)
  return order ? { ...answer, before: seen } : answer
}

say({ ready: true })
let last = Promise.resolve()
createInterface({ input: process.stdin })
  .on('line', (line) => (last = last.then(async () => say(await run(line)))))
  .on('close', () => last.then(() => (socket?.close(), process.exit(0))))
