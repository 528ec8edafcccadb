import { and, eq, or, type SQL } from 'drizzle-orm'
import type { Context } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { readRecords, type StoredRecord, selectVisible } from './read-records.ts'
import type { LinkName, RecordKind } from './record.ts'
import { directoryRecords } from './tables.ts'
import { followed, type View } from './views.ts'

/** Records with everything that a view nests below them. */
export class Tree {
  readonly #byId = new Map<string, StoredRecord>()
  readonly #below = new Map<string, StoredRecord[]>()

  /** @returns whether it was not there yet. */
  add(record: StoredRecord): boolean {
    const key = `${record.kind} ${record.id}`
    if (this.#byId.has(key)) return false
    this.#byId.set(key, record)
    return true
  }

  find(kind: RecordKind, id: unknown): StoredRecord | undefined {
    return this.#byId.get(`${kind} ${id}`)
  }

  /** Records of a kind whose link names the owner, in order of arrival. */
  below(kind: RecordKind, by: string, ownerId: string): StoredRecord[] {
    if (this.#below.size === 0) this.#index()
    return this.#below.get(`${kind} ${by} ${ownerId}`) ?? []
  }

  #index(): void {
    const inOrder = [...this.#byId.values()].sort((a, b) => a.position - b.position)
    for (const record of inOrder) {
      for (const [name, value] of Object.entries(record.fields)) {
        if (!name.endsWith('_id')) continue
        const key = `${record.kind} ${name} ${value}`
        const known = this.#below.get(key)
        if (known) known.push(record)
        else this.#below.set(key, [record])
      }
    }
  }
}

/** Owners that one statement asks for the details of. */
const OWNERS = 500

/** Reads the records and, level by level, all that the view nests below them: one statement a level. */
export async function readTree(
  ctx: Context,
  kind: RecordKind,
  ids: readonly string[],
  view: View,
): Promise<Tree> {
  const tree = new Tree()
  let level = (await readRecords(ctx, kind, ids)).filter((record) => tree.add(record))
  while (level.length > 0) {
    const next: StoredRecord[] = []
    for (const part of chunks(level, OWNERS)) {
      const conditions = wantedBelow(part, view)
      if (conditions.length === 0) continue
      next.push(...(await selectVisible(ctx, or(...conditions))))
    }
    level = next.filter((record) => tree.add(record))
  }
  return tree
}

function wantedBelow(level: readonly StoredRecord[], view: View): SQL[] {
  const kinds = new Set(level.map((record) => record.kind))
  return [...kinds].flatMap((kind) => {
    const records = level.filter((record) => record.kind === kind)
    const { one, many } = followed(view, kind)
    const below = many.map(([, { kind: child, by }]) =>
      and(
        eq(directoryRecords.kind, child),
        isOneOf(
          directoryRecords[by as LinkName],
          records.map(({ id }) => id),
        ),
      ),
    )
    const named = one.flatMap(([, { kind: child, via }]) => {
      const ids = records.flatMap(({ fields }) => (fields[via] ? [fields[via] as string] : []))
      if (ids.length === 0) return []
      return [and(eq(directoryRecords.kind, child), isOneOf(directoryRecords.id, [...new Set(ids)]))]
    })
    return [...below, ...named].filter((condition) => condition !== undefined)
  })
}
