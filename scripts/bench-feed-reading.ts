/**
 * Reads a generated table of a given size (100 MB by default) as a feed would be read, and says how fast and in how
 * much memory: `npx tsx scripts/bench-feed-reading.ts [megabytes]`. Exit code 1 if the memory in use grows by more
 * than 60 MB, or a row is lost. Run with `--expose-gc` (NODE_OPTIONS) to measure what is really held.
 */
import type { FeedFile } from '../src/features/feeds/tabular/feed-file.ts'
import { readTabularPackage } from '../src/features/feeds/tabular/tabular-package.ts'

const MEGABYTES = Number(process.argv[2] ?? 100)
const MOST_GROWTH = 60 * 1024 * 1024
const PIECE = 65_536

const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined)

/** Services with a long quoted text each, some broken: the same bytes in every run. */
function generated(bytes: number): { file: FeedFile; rows: () => number } {
  let made = 0
  const text = 'A place for everybody, with "tea", 日間照顧, and much to say about it. '.repeat(3)
  const open = async function* () {
    made = 0
    let length = 0
    let held = 'id,organization_id,name,description,status,email\n'
    while (length < bytes) {
      while (held.length < PIECE) {
        made += 1
        const broken = made % 1000 === 0 ? '"' : ''
        held += `${made},o${made % 5000},Service ${made},"${text.replaceAll('"', '""')}${made}",active,${broken}m${made}@example.org\n`
      }
      const piece = Buffer.from(held)
      held = ''
      length += piece.length
      yield piece
    }
  }
  return { file: { name: 'services.csv', open }, rows: () => made }
}

const { file, rows } = generated(MEGABYTES * 1024 * 1024)
collect()
const before = process.memoryUsage().heapUsed
const started = performance.now()
let highest = before
let records = 0
let refused = 0
let counted = 0
for await (const item of readTabularPackage([file])) {
  if ('rows' in item) counted = item.rows.rows
  else if ('record' in item) records += 1
  else if (item.flaw.outcome === 'refused') refused += 1
  if ((records + refused) % 20_000 === 0) {
    collect()
    highest = Math.max(highest, process.memoryUsage().heapUsed)
  }
}
const seconds = (performance.now() - started) / 1000
const growth = highest - before
const mb = (value: number) => (value / 1024 / 1024).toFixed(1)
console.log(
  `${MEGABYTES} MB, ${counted} rows (${records} records, ${refused} refused) in ${seconds.toFixed(1)} s: ` +
    `${Math.round(counted / seconds)} rows/s, ${(MEGABYTES / seconds).toFixed(1)} MB/s; heap grew by ${mb(growth)} MB, ` +
    `resident ${mb(process.memoryUsage().rss)} MB`,
)
const lost = counted !== rows() || records + refused !== counted
if (lost) console.error(`rows are lost: ${rows()} made, ${counted} counted, ${records + refused} told of`)
process.exit(lost || growth > MOST_GROWTH ? 1 : 0)
