import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FeedItem, Flaw, RawRecord } from '../../../src/features/feeds/feed-item.ts'
import {
  readOpenEligibilityJson,
  readOpenEligibilityXml,
} from '../../../src/features/feeds/taxonomies/taxonomy-open-eligibility.ts'
import { Refusal } from '../../../src/platform/errors.ts'

const DATA = resolve(import.meta.dirname, '../../../../shared/data')
const absent = !existsSync(DATA)
if (absent) console.warn('skipped: the real taxonomies need ../shared/data beside the checkout')
const file = (path: string) => readFileSync(join(DATA, path), 'utf8')

function sorted(items: Iterable<FeedItem>) {
  const all = [...items]
  const records = all.flatMap((item): RawRecord[] => ('record' in item ? [item.record] : []))
  const flaws = all.flatMap((item): Flaw[] => ('flaw' in item ? [item.flaw] : []))
  const rows = all.flatMap((item) => ('rows' in item ? [item.rows.rows] : []))
  return { terms: records.filter(({ kind }) => kind === 'taxonomy_term'), records, flaws, rows }
}

/** How many steps up to a term without a parent; fails where a parent is missing or comes later. */
function levels(terms: RawRecord[]): Record<number, number> {
  const depth = new Map<string, number>()
  const counts: Record<number, number> = {}
  for (const { sourceId, links } of terms) {
    const level = links.parent_id === undefined ? 1 : depth.get(links.parent_id)! + 1
    expect(level).toBeGreaterThan(0)
    depth.set(sourceId, level)
    counts[level] = (counts[level] ?? 0) + 1
  }
  expect(depth.size).toBe(terms.length)
  return counts
}

describe.skipIf(absent)('the real files', () => {
  test('XML: 385 terms in four levels, 11 descriptions, one code given twice', () => {
    const { records, terms, flaws, rows } = sorted(
      readOpenEligibilityXml('taxonomy.xml', file('openeligibility/taxonomy.xml')),
    )
    expect(
      records.filter(({ kind }) => kind === 'taxonomy').map(({ sourceId, fields }) => [sourceId, fields]),
    ).toEqual([
      ['open-eligibility:services', { name: 'Open Eligibility: services', version: '2.0' }],
      ['open-eligibility:situations', { name: 'Open Eligibility: situations', version: '2.0' }],
    ])
    expect(rows).toEqual([385])
    // 132 elements are called second_level; one third_level stands right below a top_level.
    expect(levels(terms)).toEqual({ 1: 33, 2: 133, 3: 161, 4: 58 })
    const situations = terms.filter(({ links }) => links.taxonomy_id === 'open-eligibility:situations')
    expect(levels(situations)).toEqual({ 1: 22, 2: situations.length - 22 })
    const described = terms.filter(({ fields }) => fields.description !== undefined)
    expect(described).toHaveLength(11)
    expect(described.find(({ fields }) => fields.code === '1108')?.fields.description).toContain(
      'adoption & foster care',
    )
    expect(flaws).toMatchObject([
      { field: 'code', value: 'Primary Care', place: { line: 230 }, outcome: 'kept' },
    ])
    const primary = terms.find(({ fields }) => fields.name === 'Primary Care' && fields.code === '1206')
    expect(primary).toMatchObject({ links: { parent_id: '1206' } })
    expect(primary?.sourceId).toMatch(/^made-[0-9a-f]{32}$/)
  })

  test('JSON: 290 terms in four levels', () => {
    const { terms, flaws, rows } = sorted(readOpenEligibilityJson('oe.json', file('ohana-sample/oe.json')))
    expect([flaws, rows]).toEqual([[], [290]])
    expect(levels(terms)).toEqual({ 1: 11, 2: 60, 3: 161, 4: 58 })
    expect(terms.find(({ sourceId }) => sourceId === '103-05-04-01')).toMatchObject({
      fields: { code: '103-05-04-01', name: 'Nursing Home' },
      links: { parent_id: '103-05-04', taxonomy_id: 'open-eligibility:services' },
    })
  })

  test('the same again gives the same ids', () => {
    const ids = () =>
      sorted(readOpenEligibilityXml('x', file('openeligibility/taxonomy.xml'))).records.map((r) => r.sourceId)
    expect(ids()).toEqual(ids())
  })
})

describe('odd taxonomies', () => {
  test('what has no place in XML is told of, terms without code or name too', () => {
    const { terms, flaws, rows } = sorted(
      readOpenEligibilityXml(
        'x',
        `<taxonomy><version>9</version><extra>what</extra>
        <services><descriptions><category id="1">One</category><category id="7">Lost</category><b/></descriptions>
          <top_level id="1" title="A"><second_level title="No code"/><note>hm</note></top_level>
          <top_level id="2"><second_level id="3" title="Below"/></top_level></services></taxonomy>`,
      ),
    )
    expect(rows).toEqual([4])
    expect(terms.map(({ fields }) => fields.name)).toEqual(['A', 'No code'])
    // Terms share lines here, so they have ordinals; what has no place in the taxonomy has its line.
    const told = flaws.map(({ place, field, outcome, value }) => [place.line, field, outcome, value])
    expect(told).toEqual([
      [2, 'code', 'kept', 'No code'],
      [3, 'name', 'refused', undefined],
      [4, null, 'refused', 'Below'],
      [1, 'extra', 'kept', 'what'],
      [2, 'b', 'kept', ''],
      [3, 'note', 'kept', 'hm'],
      [2, 'category', 'kept', 'Lost'],
    ])
    expect(terms.length + flaws.filter(({ outcome }) => outcome === 'refused').length).toBe(rows[0])
  })

  test('JSON: single objects for lists, members without a place, terms that are none', () => {
    const { terms, flaws, rows } = sorted(
      readOpenEligibilityJson(
        'x',
        JSON.stringify({
          taxonomy: {
            top_level: [{ '@id': 5, '@title': 'A', second_level: { '@id': '6', '@title': 'B', x: 1 } }, 7],
          },
        }),
      ),
    )
    expect(terms.map(({ sourceId, links }) => [sourceId, links.parent_id])).toEqual([
      ['5', undefined],
      ['6', '5'],
    ])
    expect([flaws.map(({ field, outcome }) => [field, outcome]), rows]).toEqual([
      [
        ['name', 'refused'],
        ['x', 'kept'],
      ],
      [3],
    ])
  })

  test.each([
    ['no XML', 'hello'],
    ['another document', '<html></html>'],
    ['a document type', '<!DOCTYPE taxonomy [<!ENTITY a "b">]><taxonomy/>'],
    ['an entity of its own', '<taxonomy>&file;</taxonomy>'],
    ['too many characters', `<taxonomy>${' '.repeat(16 * 1024 * 1024)}</taxonomy>`],
  ])('%s is refused with the place', (_, text) => {
    const read = () => [...readOpenEligibilityXml('t.xml', text)]
    expect(read).toThrow(Refusal)
    expect(read).toThrow(/t\.xml, line 1,/)
  })

  test.each([
    ['no JSON', '{'],
    ['another document', '[]'],
    ['no taxonomy', '{"a":1}'],
    ['nested', '['.repeat(300)],
  ])('%s is refused', (_, text) =>
    expect(() => [...readOpenEligibilityJson('t.json', text)]).toThrow(Refusal),
  )
})
