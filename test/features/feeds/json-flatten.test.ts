import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS } from '../../../src/features/directory/kinds.ts'
import { RECORD_KIND_NAMES, type RecordKind } from '../../../src/features/directory/record.ts'
import type { FeedItem, RawRecord } from '../../../src/features/feeds/feed-item.ts'
import { flatten } from '../../../src/features/feeds/json/json-flatten.ts'
import { merge, mergeSightings } from '../../../src/features/feeds/json/json-merge.ts'

const place = { file: 'a.json', line: 1 }

function flat(kind: RecordKind, value: object, told = new Set<string>()) {
  const items = flatten(kind, value as Record<string, unknown>, place, told)
  return {
    records: items.flatMap((item) => ('record' in item ? [item.record] : [])),
    flaws: items.flatMap((item) => ('flaw' in item ? [item.flaw] : [])),
  }
}

describe('what nests', () => {
  test('every collection and reference of every kind', () => {
    for (const kind of RECORD_KIND_NAMES) {
      const { one, many } = KINDS[kind]
      const value: Record<string, unknown> = { id: 'top' }
      for (const name of Object.keys(many)) value[name] = [{ id: `${name}-1` }, { id: `${name}-2` }]
      for (const name of Object.keys(one)) value[name] = { id: name }
      const { records, flaws } = flat(kind, value)
      expect(flaws, kind).toEqual([])
      expect(records.filter(({ row }) => row).map(({ sourceId }) => sourceId)).toEqual(['top'])
      for (const [name, { kind: child, by }] of Object.entries(many)) {
        const found = records.filter(({ kind: of, links }) => of === child && links[by] === 'top')
        expect(
          found.map(({ sourceId }) => sourceId),
          `${kind}.${name}`,
        ).toEqual(expect.arrayContaining([`${name}-1`, `${name}-2`]))
      }
      for (const [name, { kind: target, via }] of Object.entries(one)) {
        expect(records.find(({ kind: of, sourceId }) => of === target && sourceId === name)).toBeDefined()
        expect(records[0]?.links[via]).toBe(name)
      }
    }
  })

  test('an attribute and a remark tell whose they are, unless they say it themselves', () => {
    const { records } = flat('service', {
      id: 's',
      attributes: [{ id: 'a' }, { id: 'b', link_entity: 'own' }],
      metadata: [{ id: 'm' }],
    })
    expect(records.map(({ fields, links }) => ({ ...fields, ...links }))).toEqual([
      {},
      { link_entity: 'service', link_id: 's' },
      { link_entity: 'own', link_id: 's' },
      { resource_type: 'service', resource_id: 's' },
    ])
  })

  test('the program of a service is of the service’s organization', () => {
    for (const value of [{ organization_id: 'o' }, { organization: { id: 'o' } }]) {
      const { records } = flat('service', { id: 's', program: { id: 'p' }, ...value })
      expect(records.find(({ kind }) => kind === 'program')?.links).toEqual({ organization_id: 'o' })
    }
  })

  test('an object in the place of a list counts as a list of one', () => {
    expect(flat('service', { id: 's', phones: { id: 'p' } }).records.map(({ sourceId }) => sourceId)).toEqual(
      ['s', 'p'],
    )
  })

  test('what can’t be nested is dropped and told', () => {
    const { records, flaws } = flat('service', {
      id: 's',
      phones: ['x', null],
      organization: 'y',
      program_id: {},
    })
    expect(records).toHaveLength(1)
    expect(flaws.map(({ field, value }) => [field, value]).sort()).toEqual([
      ['organization', 'y'],
      ['phones', 'null'],
      ['phones', 'x'],
      ['program_id', '{}'],
    ])
  })

  test('an id beside a nested object of another id', () => {
    const { records, flaws } = flat('service', { id: 's', organization_id: 'a', organization: { id: 'b' } })
    expect(records[0]?.links).toEqual({ organization_id: 'b' })
    expect(flaws).toMatchObject([{ field: 'organization_id', value: 'a', outcome: 'kept' }])
  })

  test('deeper than 64 is refused', () => {
    let value: Record<string, unknown> = { id: 'end' }
    for (let level = 0; level < 70; level++)
      value = { id: `${level}`, organization: { id: `o${level}`, services: [value] } }
    const refused = flat('service', value).flaws.filter(({ outcome }) => outcome === 'refused')
    expect(refused).toMatchObject([{ reason: expect.stringMatching(/more than 64 deep/) }])
  })
})

describe('surprises', () => {
  test('null is absent, numbers are ids, ids are no uuids', () => {
    const { records, flaws } = flat('service', {
      id: 7,
      name: null,
      program_id: 8,
      phones: null,
      description: '',
    })
    expect(records).toMatchObject([{ sourceId: '7', links: { program_id: '8' } }])
    expect([records[0]?.fields, flaws]).toEqual([{ description: '' }, []])
  })

  test('a missing id is made from content and owner: the same next time, another elsewhere', () => {
    const nested = (owner: string, number: string) =>
      flat('service', { id: owner, phones: [{ number }] }).records[1]!.sourceId
    expect(nested('1', '5')).toMatch(/^made-[0-9a-f]{32}$/)
    expect(nested('1', '5')).toBe(nested('1', '5'))
    expect(new Set([nested('1', '5'), nested('2', '5'), nested('1', '6')]).size).toBe(3)
    const { records, flaws } = flat('service', { name: 'A' })
    expect(records[0]?.sourceId).toMatch(/^made-/)
    expect(flaws).toMatchObject([{ field: 'id', outcome: 'kept' }])
  })

  test('an organization without an id is the same in each of its services', () => {
    const made = ['1', '2'].map(
      (id) => flat('service', { id, organization: { name: 'O' } }).records[0]?.links.organization_id,
    )
    expect(made[0]).toMatch(/^made-/)
    expect(made[0]).toBe(made[1])
  })

  test('an unknown property is told of once per feed, our Profile’s are known', () => {
    const told = new Set<string>()
    const first = flat('service', { id: '1', color: 'red', category: 'medical', shape: null }, told)
    expect(first.flaws).toMatchObject([{ field: 'color', value: 'red', outcome: 'kept' }])
    expect(first.records[0]?.fields).toEqual({ category: 'medical' })
    expect(flat('service', { id: '2', color: 'blue' }, told).flaws).toEqual([])
    expect(flat('location', { id: '2', color: 'blue' }, told).flaws).toHaveLength(1)
  })
})

const FIELDS = ['a', 'b', 'c'] as const
const sighting = fc.record({
  kind: fc.constantFrom('organization', 'service', 'phone', 'attribute') as fc.Arbitrary<RecordKind>,
  sourceId: fc.constantFrom('1', '2', '3', '日'),
  fields: fc.dictionary(fc.constantFrom(...FIELDS), fc.constantFrom('x', 'y', 1), { maxKeys: 3 }),
  links: fc.dictionary(fc.constantFrom('service_id', 'organization_id'), fc.constantFrom('1', '2'), {
    maxKeys: 2,
  }),
  row: fc.boolean(),
})

async function collect(sightings: readonly RawRecord[], mostInMemory?: number): Promise<FeedItem[]> {
  async function* items() {
    for (const record of sightings) yield [{ record }]
  }
  const merged: FeedItem[] = []
  for await (const item of mergeSightings(items(), mostInMemory)) merged.push(item)
  return merged
}

describe('merging', () => {
  const asRecords = (given: { row: boolean }[]) =>
    given.map(({ row, ...rest }, index) => ({
      ...rest,
      place: { file: 'f', line: index + 1 },
      ...(row && { row }),
    })) as RawRecord[]

  test('every id once, with the union of what was seen; every clash and every repeated row told', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sighting, { maxLength: 30 }), async (given) => {
        const sightings = asRecords(given)
        const items = await collect(sightings)
        const records = items.flatMap((item) => ('record' in item ? [item.record] : []))
        const key = ({ kind, sourceId }: RawRecord) => `${kind} ${sourceId}`
        expect(records.map(key).sort()).toEqual([...new Set(sightings.map(key))].sort())
        for (const record of records) {
          const own = sightings.filter((other) => key(other) === key(record))
          const told = items.flatMap((item) =>
            'flaw' in item && item.flaw.reason.includes(`${record.kind} ${record.sourceId} `)
              ? [item.flaw]
              : [],
          )
          for (const part of ['fields', 'links'] as const) {
            expect(new Set(Object.keys(record[part]))).toEqual(
              new Set(own.flatMap((other) => Object.keys(other[part]))),
            )
            for (const [name, value] of own.flatMap((other) => Object.entries(other[part]))) {
              const isKept = record[part][name] === value
              expect(isKept || told.some((flaw) => flaw.field === name && flaw.value === String(value))).toBe(
                true,
              )
            }
          }
          const rows = own.filter(({ row }) => row).length
          expect(told.filter(({ outcome }) => outcome === 'refused').length).toBe(Math.max(rows - 1, 0))
          expect(record.row ?? false).toBe(rows > 0)
        }
      }),
    )
  })

  test('through files it says the same as in memory', async () => {
    const said = (items: FeedItem[]) => items.map((item) => JSON.stringify(item)).sort()
    await fc.assert(
      fc.asyncProperty(
        fc.array(sighting, { maxLength: 30 }),
        fc.integer({ min: 0, max: 2000 }),
        async (given, most) => {
          const sightings = asRecords(given)
          expect(said(await collect(sightings, most))).toEqual(said(await collect(sightings)))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('a kind comes after the kinds it links to', async () => {
    const sightings = [...RECORD_KIND_NAMES]
      .reverse()
      .map((kind): RawRecord => ({ kind, sourceId: '1', fields: {}, links: {}, place }))
    const order = (await collect(sightings)).flatMap((item) => ('record' in item ? [item.record.kind] : []))
    expect(order).toHaveLength(RECORD_KIND_NAMES.length)
    for (const kind of order) {
      for (const { link } of Object.values(KINDS[kind].fields)) {
        if (link === undefined || link === kind) continue
        if (link === 'any') expect(['attribute', 'metadata']).toContain(kind)
        else expect(order.indexOf(link), `${kind} → ${link}`).toBeLessThan(order.indexOf(kind))
      }
    }
    expect(order.slice(-2).sort()).toEqual(['attribute', 'metadata'])
  })

  test('one sighting is itself', () => {
    const record: RawRecord = { kind: 'phone', sourceId: '1', fields: { number: '1' }, links: {}, place }
    expect(merge([record])).toEqual([{ record }])
  })
})
