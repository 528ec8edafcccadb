/** Which kind of record an object is, where nothing but its own properties tells. */
import { KINDS } from '../../directory/kinds.ts'
import { RECORD_KIND_NAMES, type RecordKind } from '../../directory/record.ts'

/** The kind whose table or list has this name: `services.csv`, `services`, `service`. */
export function kindOfTable(name: string): RecordKind | null {
  return TABLES.get(name.toLowerCase().replace(/\.csv$/, '')) ?? null
}

const TABLES = new Map<string, RecordKind>(
  RECORD_KIND_NAMES.flatMap((kind) => {
    const stem = KINDS[kind].file.replace(/\.csv$/, '')
    return [kind, stem, `${stem}s`].map((name) => [name, kind] as const)
  }),
)

/** The kind that a file's name tells of, such as `exports/service_full.json` or `organizations.ndjson`. */
export function kindOfFile(file: string): RecordKind | null {
  const words = file
    .replace(/^.*[/\\]/, '')
    .replace(/\..*$/, '')
    .toLowerCase()
    .split(/[_-]/)
  for (let count = words.length; count > 0; count--) {
    const kind = kindOfTable(words.slice(0, count).join('_'))
    if (kind) return kind
  }
  return null
}

/**
 * The kind whose properties fit an object best. Kinds that fit it alike (an id, a name and a description are an
 * organization's, a program's and a taxonomy's) are told apart by `hint`; without one the answer is null: a wrong
 * guess would be worse.
 */
export function recognizeKind(value: Record<string, unknown>, hint: RecordKind | null): RecordKind | null {
  const scores = OUTLINES.map((outline) => ({ kind: outline.kind, score: fitness(value, outline) }))
  const best = Math.max(...scores.map(({ score }) => score))
  if (best < 2) return null
  const kinds = scores.filter(({ score }) => score === best).map(({ kind }) => kind)
  if (kinds.length === 1) return kinds[0]!
  return hint !== null && kinds.includes(hint) ? hint : null
}

/** Properties that the kind has, less those it doesn't have and those it requires and the object lacks. */
function fitness(value: Record<string, unknown>, { properties, required }: Outline): number {
  let score = 0
  for (const name of Object.keys(value)) if (value[name] !== null) score += properties.has(name) ? 1 : -1
  for (const name of required) if ((value[name] ?? null) === null) score--
  return score
}

interface Outline {
  kind: RecordKind
  properties: ReadonlySet<string>
  required: readonly string[]
}

const OUTLINES: readonly Outline[] = RECORD_KIND_NAMES.map((kind) => {
  const { fields, one, many } = KINDS[kind]
  return {
    kind,
    properties: new Set(['id', ...Object.keys(fields), ...Object.keys(one), ...Object.keys(many)]),
    required: Object.keys(fields).filter((name) => fields[name]!.required === 'always'),
  }
})
