// A page with one text editor bound to one document; bundled by esbuild and served by the bench's onRequest.
import { basicSetup, EditorView } from 'codemirror'
import { EditorState } from '@codemirror/state'
import * as Y from 'yjs'
import { yCollab } from 'y-codemirror.next'
import { HocuspocusProvider } from '@hocuspocus/provider'

const name = new URLSearchParams(location.search).get('doc') ?? 'notes'
const url = new URL('./socket', location.href)
url.protocol = url.protocol.replace('http', 'ws')
url.search = ''

const document_ = new Y.Doc()
const provider = new HocuspocusProvider({ url: url.href, name, document: document_, token: 'page' })
const text = document_.getText('text')
const state = EditorState.create({ doc: text.toString(), extensions: [basicSetup, yCollab(text, provider.awareness)] })
const view = new EditorView({ state, parent: document.querySelector('#editor') })

provider.on('synced', () => document.body.setAttribute('data-synced', 'true'))
window.editor = { view, provider, text: () => view.state.doc.toString() }
