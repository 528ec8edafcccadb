/** A process of its own: reads a problem of about 50 MB of text that exists nowhere as a whole. */
import { createProblemTextReader } from '../../../src/engine/problem-text.ts'

const form = process.argv[2] === 'json' ? 'json' : 'ndjson'
const MEGABYTE = 2 ** 20

function* largeText(): Generator<string> {
  yield `{"format":"lifecircle-problem/1","accounts":[{"id":"capacity","limit":100}]${form === 'json' ? ',"residents":[' : '}'}\n`
  let length = 0
  for (let r = 0; length < 50 * MEGABYTE; r++) {
    const options = Array.from(
      { length: 20 },
      (_, o) => `{"id":"o${o}","utility":${r + o},"uses":{"capacity":${o}},"privateUses":{"wallet":${o}}}`,
    )
    const text = `{"id":"r${r}","accounts":[{"id":"wallet","limit":30}],"needs":[{"id":"n${r}","options":[${options}]}]}`
    length += text.length
    yield form === 'json' && r > 0 ? `,${text}` : form === 'json' ? text : `${text}\n`
  }
  if (form === 'json') yield ']}'
}

const reader = createProblemTextReader()
const start = performance.now()
for (const piece of largeText()) reader.push(piece)
const problem = reader.end()
const seconds = (performance.now() - start) / 1000
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024)
process.stdout.write(JSON.stringify({ options: problem.utilities.length, seconds, peakMb }))
