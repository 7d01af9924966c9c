// Hocuspocus with one onChange hook and no storage: node documents.mjs PORT; "memory" on standard input tells bytes.
import { createInterface } from 'node:readline'
import { Server } from '@hocuspocus/server'

let changes = 0
const server = new Server({
  port: Number(process.argv[2]),
  address: '127.0.0.1',
  quiet: true,
  debounce: 600_000,
  maxDebounce: 600_000,
  async onChange() {
    changes += 1
  },
})
await server.listen()
console.log('listening')
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'stop') break
  globalThis.gc?.()
  console.log(process.memoryUsage().rss)
}
process.exit(0)
