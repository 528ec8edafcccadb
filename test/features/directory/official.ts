/** The official HSDS 3.1 files, where they are at hand: schemas to validate by, and the standard's own examples. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { KINDS } from '../../../src/features/directory/kinds.ts'
import {
  type DirectoryRecord,
  type JsonValue,
  RECORD_KIND_NAMES,
  type RecordKind,
} from '../../../src/features/directory/record.ts'

const HSDS = resolve(import.meta.dirname, '../../../../shared/data/hsds-3.1')

/** Without the files the tests that need them are skipped. */
export const HAS_OFFICIAL = existsSync(HSDS)

// biome-ignore lint/suspicious/noExplicitAny: whatever the file holds
export function official(path: string): any {
  return JSON.parse(readFileSync(join(HSDS, path), 'utf8'))
}

/** The objects of the examples that have an id of their own. */
export const EXAMPLE_IDS = {
  service: 'ac148810-d857-441c-9679-408f346de14b',
  organization: 'd9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610',
  service_at_location: 'e94c9f38-1e8f-4564-91d4-d53501ab1765',
} as const

type Nested = { id: string } & Record<string, JsonValue>

/** The records that the standard's nested examples are made of; nesting says their links. */
export function exampleRecords(): DirectoryRecord[] {
  const records = new Map<string, DirectoryRecord>()
  const add = (kind: RecordKind, object: Nested, links: Record<string, string> = {}) => {
    const { one, many } = KINDS[kind]
    const references = Object.entries(one).flatMap(([name, { kind: to, via }]) => {
      const target = object[name] as Nested | undefined
      return target ? [{ name, to, via, target }] : []
    })
    const named = Object.fromEntries(references.map(({ via, target }) => [via, target.id]))
    const own = Object.entries(object).filter(([name]) => name in KINDS[kind].fields)
    const known = records.get(`${kind} ${object.id}`)
    records.set(`${kind} ${object.id}`, {
      kind,
      id: object.id,
      fields: { ...known?.fields, ...Object.fromEntries(own), ...links, ...named },
    })
    for (const { to, target } of references) add(to, target)
    for (const [name, { kind: child, by }] of Object.entries(many)) {
      for (const item of (object[name] ?? []) as Nested[]) add(child, item, { [by]: object.id })
    }
  }
  add('organization', official('examples/organization_full.json'))
  add('service', official('examples/service_full.json'))
  add('service_at_location', official('examples/service_at_location_full.json'))
  add('taxonomy', official('examples/taxonomy.json'))
  add('taxonomy_term', official('examples/taxonomy_term.json'))
  return RECORD_KIND_NAMES.flatMap((kind) => [...records.values()].filter((record) => record.kind === kind))
}
