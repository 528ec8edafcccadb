/** A record with its details nested below it, as HSDS serves them. */
import type { Field } from './field.ts'
import { KINDS } from './kinds.ts'
import type { StoredRecord } from './read-records.ts'
import type { Tree } from './read-tree.ts'
import type { JsonValue } from './record.ts'
import { followed, type View } from './views.ts'

export type Nested = { id: string } & { [name: string]: JsonValue }

/** Links that nesting doesn't show: a tree above, such as a term's parent. */
const PLAIN_LINKS = new Set(['parent_id', 'parent_organization_id'])

/**
 * The record as one object. Links that the nesting shows are left out, as in the standard's examples; one that names a
 * record we don't have stays, so that nothing is lost. What the standard requires and nobody told is ''.
 * @param made What was nested before from this tree with this view: many services share an organization.
 */
export function nest(
  tree: Tree,
  record: StoredRecord,
  view: View,
  made = new Map<StoredRecord, Nested>(),
): Nested {
  const nested = made.get(record) ?? assemble(tree, record, view, made)
  made.set(record, nested)
  return nested
}

function assemble(tree: Tree, record: StoredRecord, view: View, made: Map<StoredRecord, Nested>): Nested {
  const { one, many } = followed(view, record.kind)
  const references = one.flatMap(([name, { kind, via }]) => {
    const target = tree.find(kind, record.fields[via])
    return target ? [[name, nest(tree, target, view, made)] as const] : []
  })
  const collections = many.flatMap(([name, { kind, by }]) => {
    const below = tree.below(kind, by, record.id)
    return below.length > 0 ? [[name, below.map((child) => nest(tree, child, view, made))] as const] : []
  })
  const shown = new Set(references.map(([name]) => name))
  const dangling = new Set(one.flatMap(([name, { via }]) => (shown.has(name) ? [] : [via])))
  return {
    id: record.id,
    ...ownFields(record, dangling),
    ...Object.fromEntries(references),
    ...Object.fromEntries(collections),
    ...(record.kind === 'service_capacity' &&
      !references.some(([name]) => name === 'unit') &&
      unnamedUnit(record)),
  }
}

function ownFields(record: StoredRecord, dangling: ReadonlySet<string>): Record<string, JsonValue> {
  const told = Object.entries(KINDS[record.kind].fields).flatMap(([name, field]) => {
    const isShown = field.link === undefined || PLAIN_LINKS.has(name) || dangling.has(name)
    const value = isShown ? (record.fields[name] ?? fallback(record, field)) : undefined
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(told)
}

/** What stands where the standard requires a value, and when a service was last modified where its feed is silent. */
function fallback(record: StoredRecord, field: Field): JsonValue | undefined {
  if (field.format === 'date-time') return record.modifiedAt.toISOString()
  if (field.required !== 'always') return undefined
  return field.type === 'string' ? (field.codes?.[0] ?? '') : 0
}

/** The standard wants a unit's id and name; a feed may leave its unit out. */
function unnamedUnit(record: StoredRecord) {
  const id = (record.fields.unit_id as string | undefined) ?? record.id
  return { unit: { id, name: '' } }
}
