// Feathers' own client registers, logs in, writes and reads; what it saw is printed as JSON.
// node login.mjs URL rest|polling|websocket
import feathers from '@feathersjs/client'
import io from 'socket.io-client'

const [url, transport] = process.argv.slice(2)
const seen = {}

function connect() {
  const app = feathers.feathers()
  if (transport === 'rest') {
    app.configure(feathers.rest(url).fetch(globalThis.fetch))
  } else {
    app.socket = io(url, { transports: [transport], reconnection: false })
    app.configure(feathers.socketio(app.socket))
  }
  const storage = { items: {}, getItem: (k) => storage.items[k], setItem: (k, v) => (storage.items[k] = v), removeItem: (k) => delete storage.items[k] }
  app.configure(feathers.authentication({ storage }))
  app.memory = storage
  return app
}

async function note(name, work) {
  try {
    seen[name] = { result: await work() }
  } catch (error) {
    seen[name] = { error: { name: error.name, code: error.code, className: error.className, message: error.message, data: error.data, stack: undefined } }
  }
  return seen[name].result
}

const app = connect()
const account = { email: `${transport}@example.com`, password: 'secret-word' }
await note('stranger', () => app.service('messages').find())
await note('register', () => app.service('users').create(account))
await note('invalid', () => app.service('users').create({ email: 'x', password: 'y', admin: true }))
await note('wrong', () => app.authenticate({ strategy: 'local', ...account, password: 'no' }))
await note('injection', () => app.authenticate({ strategy: 'local', email: { $ne: '' }, password: 'secret-word' }))
await note('unknown', () => app.authenticate({ strategy: 'magic' }))
await note('login', () => app.authenticate({ strategy: 'local', ...account }))
const events = []
app.service('messages').on?.('created', (message) => events.push(message))
await note('create', () => app.service('messages').create({ text: 'hello' }))
await note('empty', () => app.service('messages').create({ txt: 'hello' }))
await note('find', () => app.service('messages').find({ query: { userId: seen.register.result.id, $select: ['text', 'user'] } }))
await note('operator', () => app.service('messages').find({ query: { text: { $regex: '.*' } } }))
await note('reAuthenticate', () => app.reAuthenticate(true))
await note('me', () => app.service('users').get(seen.register.result.id))

// a second client that knows the token alone
const other = connect()
other.memory.items['feathers-jwt'] = app.memory.items['feathers-jwt']
await note('again', () => other.reAuthenticate())
await note('forged', async () => {
  const third = connect()
  const [head, body, tail] = app.memory.items['feathers-jwt'].split('.')
  third.memory.items['feathers-jwt'] = [head, body, tail.split('').reverse().join('')].join('.')
  try {
    return await third.reAuthenticate()
  } finally {
    third.socket?.close()
  }
})
await note('foreign', async () => {
  const stranger = connect()
  const theirs = { email: `other-${transport}@example.com`, password: 'another' }
  await stranger.service('users').create(theirs)
  await stranger.authenticate({ strategy: 'local', ...theirs })
  try {
    return await stranger.service('messages').patch(seen.create.result.id, { text: 'mine now' })
  } finally {
    stranger.socket?.close()
  }
})
await note('patch', () => app.service('messages').patch(seen.create.result.id, { text: 'hello again' }))
await note('logout', () => app.logout())
await note('afterwards', () => app.service('messages').find())
seen.events = events
console.log(JSON.stringify(seen))
app.socket?.close()
other.socket?.close()
