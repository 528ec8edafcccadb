/**
 * Column maps: how the rows of any delimited file become records of HSDS, as a document in YAML or JSON.
 *
 *     format: lifecircle-column-map/1
 *     name: a key of the source
 *     box: { south: 24.9, north: 25.3, west: 121.4, east: 121.7 }     # where coordinates can be, if told
 *     tables: { days: { 一: MO, 二: TU } }                             # for `lookup`
 *     values: { key: { from: '{address}', normalize: words } }        # named values, of every file
 *     sets: { unit: [ { kind: organization, id: '{name}', fields: { name: '{name}' } } ] }
 *     files:
 *       - match: 'lists/*.csv'
 *         values: { name: '{Name of unit}', address: '{Street} {No}' }
 *         refuse: [ { value: '{Closed}', matches: '^yes$', reason: 'closed' } ]
 *         make: [ unit ]
 *
 * An expression gives a text. A plain text is a template: `{x}` is a column of the file or a value named before, all
 * else stands for itself, and it is blank when everything it names is. An object goes step by step: `from` (a
 * template) or `first` (the first of several expressions that is not blank), then `normalize`, `extract` (a regular
 * expression; its first group, or all of the match), `lookup` in a table; `instead` is what stands for anything,
 * `else` for nothing; `number` (`times` a factor, rounded). `when` makes it blank unless its conditions hold. `json` is a constant of any form. A
 * blank value is no field.
 *
 * A record has a `kind`, an `id` (the source id: records with the same kind and id are one), `fields`, and `links` to
 * other records of the row by their `as` (their kind, if not said) or by an expression. `each` makes one for every
 * part of a text, which is `{item}`. One record of a row has `row: true` and stands for it. `shared` records (an
 * address that several rows name) are told once.
 *
 * Regular expressions are the map author's own and run as they are: maps come from operators, not from the public.
 */
import { z } from '@hono/zod-openapi'
import { parse as parseYaml } from 'yaml'
import { KINDS } from '../../directory/kinds.ts'
import { RECORD_KIND_NAMES } from '../../directory/record.ts'
import { ENCODINGS } from '../tabular/encoding.ts'
import { NORMALIZERS, type NormalizerName, SPLITTERS, type SplitterName } from './column-map-functions.ts'

const Name = z
  .string()
  .regex(/^[^{}\s][^{}]*$/, 'a name without braces')
  .max(100)
const Template = z.string().max(2000)

const Pattern = z.string().max(2000).refine(isPattern, 'is no regular expression')

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp
  } catch {
    return false
  }
}

const Condition = z
  .strictObject({ value: Template, matches: Pattern.optional(), not: Pattern.optional() })
  .refine(({ matches, not }) => (matches === undefined) !== (not === undefined), 'has either matches or not')
export type Condition = z.infer<typeof Condition>

const Conditions = z.union([Condition, z.array(Condition).max(20)])

const namesOf = <T extends string>(table: Record<T, unknown>) => Object.keys(table) as [T, ...T[]]
const Normalizer = z.enum(namesOf<NormalizerName>(NORMALIZERS))

interface Steps {
  from?: string | undefined
  first?: Expression[] | undefined
  json?: unknown
  normalize?: NormalizerName | NormalizerName[] | undefined
  extract?: string | undefined
  lookup?: string | undefined
  instead?: string | undefined
  else?: string | undefined
  number?: boolean | { times: number } | undefined
  when?: Condition | Condition[] | undefined
}

/** A template, a constant, or steps. */
export type Expression = string | number | boolean | Steps

const Expression: z.ZodType<Expression> = z.lazy(() =>
  z.union([
    Template,
    z.number(),
    z.boolean(),
    z
      .strictObject({
        from: Template.optional(),
        first: z.array(Expression).min(1).max(20).optional(),
        json: z.unknown().optional(),
        normalize: z.union([Normalizer, z.array(Normalizer).max(5)]).optional(),
        extract: Pattern.optional(),
        lookup: Name.optional(),
        instead: Template.optional(),
        else: Template.optional(),
        number: z.union([z.boolean(), z.strictObject({ times: z.number() })]).optional(),
        when: Conditions.optional(),
      })
      .refine(
        ({ from, first, json }) => [from, first, json].filter((one) => one !== undefined).length === 1,
        'has exactly one of from, first and json',
      ),
  ]),
)

const MapRecord = z
  .strictObject({
    kind: z.enum(RECORD_KIND_NAMES),
    as: Name.optional(),
    id: Expression,
    row: z.literal(true).optional(),
    shared: z.literal(true).optional(),
    when: Conditions.optional(),
    each: z
      .strictObject({ from: Template, split: z.enum(namesOf<SplitterName>(SPLITTERS)).default('list') })
      .optional(),
    fields: z.record(z.string(), Expression).default({}),
    links: z.record(z.string(), Expression).default({}),
  })
  .superRefine(({ kind, fields, links, row, each, shared }, issues) => {
    const known = KINDS[kind].fields
    const complain = (path: string[], message: string) => issues.addIssue({ code: 'custom', path, message })
    for (const name of Object.keys(fields)) {
      if (known[name] === undefined || known[name].link)
        complain(['fields', name], `is no field of a ${kind}`)
    }
    for (const name of Object.keys(links)) {
      if (!known[name]?.link) complain(['links', name], `is no link of a ${kind}`)
    }
    if (row && (each || shared)) complain(['row'], 'stands for one row: neither shared nor each')
  })
export type MapRecord = z.infer<typeof MapRecord>

const Remark = z
  .strictObject({
    value: Template,
    matches: Pattern.optional(),
    not: Pattern.optional(),
    reason: z.string().max(300),
  })
  .refine(({ matches, not }) => (matches === undefined) !== (not === undefined), 'has either matches or not')
export type Remark = z.infer<typeof Remark>

const Values = z.record(Name, Expression).default({})

const MapFile = z.strictObject({
  /** `*` within a folder, `**` over folders, `?` one character. */
  match: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  encoding: z.enum(ENCODINGS).optional(),
  delimiter: z.string().length(1).optional(),
  values: Values,
  /** Rows that are not imported, each with why. */
  refuse: z.array(Remark).default([]),
  /** Rows that are, and what is odd about them. */
  flag: z.array(Remark).default([]),
  point: z.strictObject({ latitude: Template, longitude: Template }).optional(),
  /** Columns left out on purpose. */
  ignore: z.array(z.string()).default([]),
  make: z.array(Name).min(1),
})
export type MapFile = z.infer<typeof MapFile>

const Box = z.strictObject({ south: z.number(), north: z.number(), west: z.number(), east: z.number() })

export const ColumnMap = z
  .strictObject({
    format: z.literal('lifecircle-column-map/1'),
    name: z.string().min(1).max(100),
    /** Whom to name beside the data. */
    attribution: z.string().max(1000).optional(),
    box: Box.optional(),
    tables: z.record(Name, z.record(z.string(), z.union([z.string(), z.number()]))).default({}),
    values: Values,
    sets: z.record(Name, z.array(MapRecord).min(1)),
    files: z.array(MapFile).min(1),
  })
  .superRefine((map, issues) => {
    const complain = (path: (string | number)[], message: string) =>
      issues.addIssue({ code: 'custom', path, message })
    map.files.forEach((file, at) => {
      const unknown = file.make.filter((name) => !Object.hasOwn(map.sets, name))
      for (const name of unknown) complain(['files', at, 'make'], `there is no set ${name}`)
      const rows = file.make.flatMap((name) => map.sets[name] ?? []).filter((record) => record.row)
      if (unknown.length === 0 && rows.length === 0)
        complain(['files', at, 'make'], 'no record stands for the row')
    })
  })
export type ColumnMap = z.infer<typeof ColumnMap>

/** No map is longer. */
const LONGEST = 1_000_000

/**
 * Reads a map from YAML (of which JSON is a part; anchors and merge keys are fine).
 * @throws Error that names the first few places that are wrong, such as `files.3.make: there is no set unti`.
 */
export function parseColumnMap(text: string): ColumnMap {
  if (text.length > LONGEST) throw new Error(`The column map has more than ${LONGEST} characters.`)
  let document: unknown
  try {
    document = parseYaml(text, { merge: true, maxAliasCount: 2000 })
  } catch (error) {
    throw new Error(`The column map is neither YAML nor JSON: ${(error as Error).message.split('\n')[0]}`)
  }
  const parsed = ColumnMap.safeParse(document)
  if (parsed.success) return parsed.data
  const places = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'map'}: ${message}`)
  throw new Error(`The column map does not fit its format. ${places.join('; ')}.`)
}
