/** A resident all of whose facts can be told from everything else, and where they are looked for. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { sql } from 'drizzle-orm'
import type { Db } from '../../../src/platform/db/client.ts'

/** What a text must not hold: a word, or a number that stands alone. */
export interface Canary {
  name: string
  pattern: RegExp
  /** Never in clear in the database, so that there is nothing to be found before the erasure either. */
  hidden: boolean
}

const word = (name: string, text: string, hidden = false): Canary => ({
  name,
  pattern: new RegExp(text),
  hidden,
})
const number = (name: string, value: number): Canary => ({
  name,
  // Not as a part of another number, an id or a time.
  pattern: new RegExp(`(?<![\\w.-])(?<!\\d:)${String(value).replace('.', '\\.')}(?![\\w.-])(?!:\\d)`),
  hidden: false,
})

export const SECRET = {
  reference: 'canary-reference-first',
  correctedReference: 'canary-reference-corrected',
  bulkReference: 'canary-reference-bulk',
  point: { latitude: 25.0371, longitude: 121.5474 },
  bulkPoint: { latitude: 25.0413, longitude: 121.5512 },
  birthYear: 1913,
  bulkBirthYear: 1917,
  languages: ['art-canarya', 'art-canaryb'],
  preferredLanguage: 'art-canaryc',
  bulkLanguage: 'art-canaryd',
  assessments: [
    { scheme: 'canary_scheme_a', level: 3, validUntil: '2033-07-19' },
    { scheme: 'canary_scheme_b', level: 5, validUntil: '2034-08-21' },
  ],
  bulkAssessment: 'canary_scheme_c:4:2035-09-23',
  carryOverMost: 7_654_321,
  /** Of needs that nobody serves: what is served has the offering's own. */
  terms: { petition: 'canary_term_petition', unmet: 'canary_term_unmet' },
  hours: {
    booked: { day: 'MO', opens: '03:17', closes: '22:43' },
    petition: { day: 'TU', opens: '04:19', closes: '21:41' },
    run: { day: 'WE', opens: '02:13', closes: '23:47' },
    revised: { day: 'TH', opens: '01:07', closes: '23:53' },
  },
  refusals: { booked: randomUUID(), petition: randomUUID(), run: randomUUID() },
  neededBy: { booked: '2026-12-29', run: '2026-12-30' },
  maxWalkingMinutes: 237,
  words: {
    feedback: 'canary-words-of-feedback',
    dispute: 'canary-words-of-dispute',
    comment: 'canary-words-of-comment',
    petition: 'canary-words-of-petition',
    shared: 'canary-words-of-shared-petition',
  },
} as const

/** Keys that the app chose for its requests: they may tell as much as what is sent under them. */
export const keyOf = (what: string) => `canary-key-${what}`
export const KEYS = ['register', 'need', 'booking', 'petition', 'feedback', 'top-up', 'comment'] as const

const { words, terms, hours, refusals, neededBy } = SECRET

export const CANARIES: Canary[] = [
  word('reference', SECRET.reference, true),
  word('corrected reference', SECRET.correctedReference, true),
  word('bulk reference', SECRET.bulkReference, true),
  number('latitude', 25.037),
  number('longitude', 121.547),
  number('bulk latitude', 25.041),
  number('bulk longitude', 121.551),
  number('birth year', SECRET.birthYear),
  number('bulk birth year', SECRET.bulkBirthYear),
  ...SECRET.languages.map((language) => word(`language ${language}`, language)),
  word('preferred language', SECRET.preferredLanguage),
  word('bulk language', SECRET.bulkLanguage),
  ...SECRET.assessments.flatMap(({ scheme, validUntil }) => [
    word(scheme, scheme),
    word(`end of ${scheme}`, validUntil),
  ]),
  word('bulk scheme', 'canary_scheme_c'),
  word('end of bulk scheme', '2035-09-23'),
  number('carry-over', SECRET.carryOverMost),
  ...Object.values(terms).map((term) => word(`term ${term}`, term)),
  ...Object.values(hours).flatMap(({ opens, closes }) => [
    word(`opens ${opens}`, `"${opens}"`),
    word(`closes ${closes}`, `"${closes}"`),
  ]),
  ...Object.entries(refusals).map(([need, id]) => word(`refusal of ${need}`, id)),
  ...Object.entries(neededBy).map(([need, day]) => word(`day of ${need}`, day)),
  {
    name: 'walk',
    pattern: new RegExp(`[wW]alking_?[mM]inutes\\W{1,4}${SECRET.maxWalkingMinutes}\\b`),
    hidden: false,
  },
  ...Object.entries(words).map(([about, text]) => word(`words of ${about}`, text)),
  ...KEYS.map((key) => word(`key of ${key}`, keyOf(key))),
]

/** Names of the canaries that a text holds. */
export function heardIn(text: string, canaries = CANARIES): string[] {
  return canaries.filter(({ pattern }) => pattern.test(text)).map(({ name }) => name)
}

/** Every row of every table, the queue's too, as JSON: a line each, after the table's name. */
export async function dumpOf(db: Db): Promise<string> {
  const rowsOf = async <Row>(query: ReturnType<typeof sql>) =>
    ((await db.root.execute(query)) as unknown as { rows: Row[] }).rows
  const tables = await rowsOf<{ schema: string; name: string }>(sql`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`)
  const lines: string[] = []
  for (const { schema, name } of tables) {
    const table = sql`${sql.identifier(schema)}.${sql.identifier(name)}`
    for (const { row } of await rowsOf<{ row: string }>(
      sql`select row_to_json(t)::text as row from ${table} t`,
    )) {
      // JSON within text (kept answers) is escaped: read it as it was meant.
      lines.push(`${schema}.${name} ${row.replaceAll('\\"', '"')}`)
    }
  }
  return lines.join('\n')
}

/** What `pg_dump` writes of the whole database; null where there is no server, or no such program. */
export async function pgDumpOf({ source }: Db): Promise<string | null> {
  if (source.engine !== 'postgres') return null
  try {
    const written = await promisify(execFile)('pg_dump', ['--dbname', source.url], { maxBuffer: 2 ** 28 })
    return written.stdout
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
