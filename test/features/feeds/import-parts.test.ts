/** The pure parts of an import: ids, accounts of rows, united sightings, the report. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RECORD_KIND_NAMES } from '../../../src/features/directory/record.ts'
import type { Flaw } from '../../../src/features/feeds/feed-item.ts'
import { changedFields } from '../../../src/features/feeds/import-diff.ts'
import { reportText } from '../../../src/features/feeds/quarantine-report.ts'
import { idsOf, kindOfWord } from '../../../src/features/feeds/record-ids.ts'
import { resolveRecord } from '../../../src/features/feeds/resolve-record.ts'
import { RowAccounts } from '../../../src/features/feeds/row-accounts.ts'
import { SightedIds } from '../../../src/features/feeds/sighted-ids.ts'
import { uniteSightings } from '../../../src/features/feeds/unite-sightings.ts'
import { bytesOfUuid, namedUuid } from '../../../src/platform/ids.ts'

const UUID = '0B1C2D3E-4F50-4A61-9B72-8C93A4B5C6D7'
const at = (line: number, file = 'a.csv') => ({ file, line })

describe('ids', () => {
  test('are RFC 9562’s version 5', () => {
    // The example of RFC 9562, appendix A.4.
    const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
    expect(namedUuid(bytesOfUuid(dns), 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2')
  })

  test('keep a uuid, and otherwise depend on feed, kind and source id alone', () => {
    const ids = idsOf('city')
    expect(ids('service', UUID)).toBe(UUID.toLowerCase())
    expect(ids('service', '7')).toBe(idsOf('city')('service', '7'))
    const different = [
      ids('service', '7'),
      ids('service', '8'),
      ids('location', '7'),
      idsOf('town')('service', '7'),
    ]
    expect(new Set(different).size).toBe(4)
    expect(idsOf('city', { sourceId: '7', id: UUID })('organization', '7')).toBe(UUID)
    expect(idsOf('city', { sourceId: '7', id: UUID })('service', '7')).not.toBe(UUID)
  })

  test('of links are those of the records they name, whatever the field beside them calls the kind', () => {
    const ids = idsOf('city')
    const raw = { sourceId: '1', place: at(2), fields: {}, links: {} }
    const phone = resolveRecord({ ...raw, kind: 'phone', links: { service_id: '7' } }, ids)
    expect(phone.fields).toEqual({ service_id: ids('service', '7') })
    for (const word of ['service', 'services', 'Services.csv']) {
      const attribute = resolveRecord(
        { ...raw, kind: 'attribute', fields: { link_entity: word }, links: { link_id: '7' } },
        ids,
      )
      expect(attribute.fields.link_id).toBe(ids('service', '7'))
    }
    expect(kindOfWord('service at location')).toBe('service_at_location')
    expect(kindOfWord('spaceship')).toBeNull()
  })

  test('are remembered exactly', () => {
    const entry = fc.tuple(fc.constantFrom(...RECORD_KIND_NAMES), fc.integer({ min: 0, max: 3000 }))
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4000, size: 'max' }), (entries) => {
        const sighted = new SightedIds()
        const reference = new Set<string>()
        for (const [kind, number] of entries) {
          const id = `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
          const isNew = !reference.has(`${kind} ${id}`)
          reference.add(`${kind} ${id}`)
          if (sighted.add(kind, id) !== isNew) return false
        }
        return sighted.size === reference.size
      }),
      { numRuns: 30 },
    )
  })
})

describe('accounts of rows', () => {
  const refused = (line: number): Flaw => ({ place: at(line), field: null, reason: 'no', outcome: 'refused' })

  test('imported and refused are all rows, whatever lines were told', () => {
    const lines = fc.uniqueArray(fc.integer({ min: 2, max: 5000 }), { maxLength: 300 })
    fc.assert(
      fc.property(lines, fc.func(fc.constantFrom('staged', 'refused', 'both', 'silent')), (rows, fate) => {
        const books = new RowAccounts()
        let staged = 0
        for (const line of rows) {
          const what = fate(line)
          if (what === 'staged' || what === 'both') {
            books.staged(at(line))
            staged++
          }
          if (what === 'refused' || what === 'both') books.flawed(refused(line))
        }
        books.counted({ rows: { file: 'a.csv', rows: rows.length } })
        const { accounts, flaws } = books.close()
        const silent = rows.filter((line) => fate(line) === 'silent').length
        expect(flaws.map(({ reason }) => reason)).toEqual(
          silent ? [`${silent} more rows gave no record`] : [],
        )
        const expected = { file: 'a.csv', rows: rows.length, imported: staged, refused: rows.length - staged }
        expect(accounts).toEqual(rows.length ? [expected] : [])
      }),
    )
  })
})

describe('sightings of one record', () => {
  const seen = (fields: Record<string, string>, line: number) => ({
    record: { kind: 'phone' as const, id: UUID, fields },
    place: at(line),
  })

  test('are united; the first holds, and what differs is told where it stands', () => {
    const { record, flaws } = uniteSightings([
      seen({ number: '1', service_id: 's' }, 2),
      seen({ number: '1', location_id: 'l' }, 3),
      seen({ number: '2', service_id: 's' }, 4),
    ])
    expect(record.fields).toEqual({ number: '1', service_id: 's', location_id: 'l' })
    expect(flaws).toMatchObject([{ place: at(4), field: 'number', value: '2', outcome: 'kept' }])
  })
})

describe('what a dry run shows', () => {
  test('is the fields that differ, with null for what is not there', () => {
    expect(changedFields({ a: 1, b: { c: 1 }, d: 'x' }, { a: 2, b: { c: 1 }, e: 'y' })).toEqual([
      { field: 'a', before: 1, after: 2 },
      { field: 'd', before: 'x', after: null },
      { field: 'e', before: null, after: 'y' },
    ])
  })
})

describe('the report as a file', () => {
  const flaw = {
    file: 'a.csv',
    line: 2,
    field: 'name',
    reason: 'says "no"',
    value: '=1+1',
    outcome: 'kept' as const,
  }
  async function* batches() {
    yield [flaw]
  }
  const textOf = async (format: 'csv' | 'ndjson') => {
    let text = ''
    for await (const part of reportText(batches(), format)) text += part
    return text
  }

  test('is CSV that no spreadsheet takes for a formula', async () => {
    expect(await textOf('csv')).toBe(
      'file,line,field,reason,value,outcome\na.csv,2,name,"says ""no""",\'=1+1,kept\n',
    )
  })

  test('is NDJSON', async () => {
    expect(JSON.parse(await textOf('ndjson'))).toEqual(flaw)
  })
})
