/** The sample directory of Ohana API: every row accounted for, and what its lists say. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { cleanRecord } from '../../../src/features/feeds/checks/clean-record.ts'
import { openFeedFiles } from '../../../src/features/feeds/tabular/feed-files.ts'
import { readTabularPackage } from '../../../src/features/feeds/tabular/tabular-package.ts'
import { type Reading, readAll, unaccounted } from './reading.ts'

const DIR = resolve(import.meta.dirname, '../../../../shared/data/ohana-sample')
const absent = !existsSync(DIR)
if (absent) console.warn('skipped: the Ohana sample needs ../shared/data/ohana-sample beside the checkout')

describe.skipIf(absent)('the Ohana sample', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await readAll(readTabularPackage(await openFeedFiles(DIR)))
  })

  test('every row became a record that fits', () => {
    expect(Object.fromEntries(reading.rows)).toEqual({
      'organizations.csv': 8,
      'programs.csv': 1,
      'services.csv': 23,
      'locations.csv': 22,
      'addresses.csv': 21,
      'mail_addresses.csv': 21,
      'phones.csv': 54,
      'contacts.csv': 31,
      'regular_schedules.csv': 11,
      'holiday_schedules.csv': 4,
      'taxonomy.csv': 290,
    })
    expect(unaccounted(reading)).toEqual([])
    expect(reading.records.filter(({ row }) => row)).toHaveLength(486)
    const cleaned = reading.records.map(cleanRecord)
    expect(cleaned.filter(({ record }) => record === undefined)).toEqual([])
    const keys = reading.records.map(({ kind, sourceId }) => `${kind} ${sourceId}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('every link leads to a record', () => {
    const ids = new Set(reading.records.map(({ kind, sourceId }) => `${kind} ${sourceId}`))
    const owner = { link_id: 'link_entity' } as Record<string, string>
    const lost = reading.records.flatMap(({ kind, links, fields, place }) =>
      Object.entries(links).flatMap(([name, id]) => {
        const target =
          name === 'parent_id' ? kind : String(fields[owner[name] ?? ''] ?? name.replace(/_id$/, ''))
        return ids.has(`${target} ${id}`) ? [] : [`${place.file}:${place.line} ${name} ${id}`]
      }),
    )
    expect(lost).toEqual([])
  })

  test('a service is linked with its organization and its location', () => {
    const service = reading.of('service').find(({ sourceId }) => sourceId === '22')!
    expect(service.links).toEqual({ organization_id: '8' })
    expect(service.fields).toMatchObject({
      fees_description: expect.stringContaining('None, except'),
      url: 'http://www.example.com',
    })
    const place = reading.of('service_at_location').find(({ links }) => links.service_id === '22')!
    expect(place.links.location_id).toBe('22')
    const about = (kind: 'funding' | 'service_area' | 'required_document') =>
      reading.of(kind).filter(({ links }) => links.service_id === '22').length
    expect([about('funding'), about('service_area'), about('required_document')]).toEqual([4, 2, 1])
    const terms = reading
      .of('attribute')
      .filter(({ links, fields }) => links.link_id === '22' && fields.link_entity === 'service')
    expect(terms.filter(({ links }) => /^\d/.test(links.taxonomy_term_id!))).toHaveLength(6)
    expect(terms.filter(({ fields }) => fields.link_type === 'payment_accepted')).toHaveLength(3)
  })

  test('hours, holidays, addresses and telephones', () => {
    const cleaned = reading.of('schedule').map((record) => cleanRecord(record).record!.fields)
    expect(cleaned).toContainEqual({
      freq: 'WEEKLY',
      byday: 'MO',
      opens_at: '14:00:00',
      closes_at: '16:00:00',
    })
    expect(cleaned).toContainEqual({
      valid_from: '2015-12-24',
      valid_to: '2015-12-24',
      opens_at: '10:00:00',
      closes_at: '16:00:00',
    })
    expect(cleaned).toContainEqual({ notes: 'closed every year from June 01 to September 01' })
    const types = reading.of('address').map(({ fields }) => fields.address_type)
    expect([types.filter((type) => type === 'postal').length, types.length]).toEqual([21, 42])
    expect(reading.of('location').filter(({ fields }) => fields.location_type === 'virtual')).toHaveLength(1)
    expect(reading.of('phone').map(({ fields }) => fields)).toContainEqual({
      number: '+1 123-456-7890',
      extension: '1200',
      type: 'voice',
      description: 'Referrals',
    })
  })

  test('what is not read is told: addresses of administrators, files that are no tables', () => {
    expect(reading.flaws.map(({ place, field }) => [place.file, field])).toEqual([
      ['LICENSE.md', null],
      ['oe.json', null],
      ['locations.csv', 'admin_emails'],
    ])
  })
})
