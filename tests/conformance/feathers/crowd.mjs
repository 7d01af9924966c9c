// Fifty subscribers and one writer over Socket.IO: node crowd.mjs URL CREATES SUBSCRIBERS
import feathers from '@feathersjs/client'
import io from 'socket.io-client'

const [url, creates, subscribers] = [process.argv[2], ...process.argv.slice(3).map(Number)]

function connect() {
  const socket = io(url, { transports: ['websocket'], reconnection: false, forceNew: true })
  const app = feathers.feathers().configure(feathers.socketio(socket, { timeout: 60000 }))
  return { app, socket, ready: new Promise((done) => socket.once('connect', done)) }
}

const crowd = Array.from({ length: subscribers }, connect)
await Promise.all(crowd.map((one) => one.ready))
const heard = crowd.map(() => [])
const all = crowd.map(
  ({ app }, who) =>
    new Promise((done) =>
      app.service('messages').on('created', (message) => {
        heard[who].push(message.n)
        if (heard[who].length === creates) done()
      })
    )
)

const writer = crowd[0].app.service('messages')
const began = Date.now()
for (let n = 0; n < creates; n += 100) {
  await Promise.all(Array.from({ length: Math.min(100, creates - n) }, (_, k) => writer.create({ n: n + k })))
}
const written = Date.now() - began
let patience
await Promise.race([Promise.all(all), new Promise((done) => (patience = setTimeout(done, 150000)))])
clearTimeout(patience)
const inOrder = heard.filter((list) => list.every((n, place) => n === place)).length
console.log(JSON.stringify({ counts: heard.map((list) => list.length), inOrder, written, took: Date.now() - began }))
crowd.forEach(({ socket }) => socket.close())
