import { describe, expect, test } from 'vitest'
import { cleanRecord } from '../../../src/features/feeds/checks/clean-record.ts'
import { spelledDate, spelledInstant, spelledTime } from '../../../src/features/feeds/checks/spelled-dates.ts'
import type { RawRecord } from '../../../src/features/feeds/feed-item.ts'

const place = { file: 'x.csv', line: 2 }

function clean(kind: RawRecord['kind'], fields: Record<string, unknown>, links: Record<string, string> = {}) {
  const { record, flaws } = cleanRecord({ kind, sourceId: '1', fields, links, place })
  return { fields: record?.fields, flaws, told: flaws.map(({ field, outcome }) => [field, outcome]) }
}

const service = (fields: Record<string, unknown>) =>
  clean('service', { name: 'Meals', status: 'active', ...fields }, { organization_id: 'o' })

describe('values that do not fit are dropped and shown', () => {
  test.each([
    ['email', 'nobody'],
    ['url', 'not a page'],
    ['minimum_age', 'sixty'],
    ['assured_date', '2020-02-30'],
    ['last_modified', 'yesterday'],
    ['category', 'sport'],
    ['description', 'a\0b'],
    ['description', 'half \ud800'],
    ['description', { nested: true }],
    ['color', 'red'],
  ])('%s: %j', (field, value) => {
    const { fields, flaws } = service({ [field]: value })
    expect(fields).toEqual({ name: 'Meals', status: 'active' })
    expect(flaws).toMatchObject([{ field, outcome: 'kept', place }])
    expect(flaws[0]!.value).not.toMatch(/[\0\ud800]/)
  })

  test('blank ones are no flaw', () => {
    expect(service({ email: ' ', url: null, description: undefined, minimum_age: '' })).toMatchObject({
      fields: { name: 'Meals', status: 'active' },
      flaws: [],
    })
  })
})

test('usual spellings are read', () => {
  const { fields, flaws } = service({
    status: 'Temporarily_Closed',
    minimum_age: '1,065.5',
    assured_date: 'January 5, 2020',
    description: '  text ',
    url: 'https://example.org/日照',
  })
  expect(fields).toMatchObject({
    status: 'temporarily closed',
    minimum_age: 1065.5,
    assured_date: '2020-01-05',
  })
  expect(fields).toMatchObject({ description: 'text', url: 'https://example.org/%E6%97%A5%E7%85%A7' })
  expect(flaws).toEqual([])
  expect(service({ url: 'www.example.org/a' })).toMatchObject({
    fields: { url: 'https://www.example.org/a' },
    told: [['url', 'kept']],
  })
})

describe('what a record cannot do without', () => {
  test('an unknown status refuses the service, a missing one counts as active', () => {
    expect(service({ status: 'sleeping' })).toMatchObject({ told: [['status', 'refused']] })
    expect(service({ status: 'sleeping' }).fields).toBeUndefined()
    expect(service({ status: '' })).toMatchObject({
      fields: { status: 'active' },
      told: [['status', 'kept']],
    })
  })

  test('a name, a link, an id', () => {
    expect(service({ name: ' ' }).told).toEqual([['name', 'refused']])
    expect(clean('service', { name: 'x', status: 'active' }).told).toEqual([['organization_id', 'refused']])
    const { record, flaws } = cleanRecord({
      kind: 'unit',
      sourceId: ' ',
      fields: { name: 'x' },
      links: {},
      place,
    })
    expect([record, flaws[0]!.outcome]).toEqual([undefined, 'refused'])
  })

  test('older versions had no description of organizations: it stays untold', () => {
    const { fields, told } = clean('organization', { name: 'Red House' })
    expect([fields, told]).toEqual([{ name: 'Red House' }, [['description', 'kept']]])
  })

  test('capacity may hang on a service at a location alone', () => {
    const fields = { available: 1, updated: '2024-09-25T14:23:06.5+01:00' }
    expect(clean('service_capacity', fields, { unit_id: 'u', service_at_location_id: 'p' }).flaws).toEqual([])
    expect(clean('service_capacity', fields, { unit_id: 'u' }).told).toEqual([['service_id', 'refused']])
  })
})

describe('odd values are kept and flagged', () => {
  test.each([
    [100, 101],
    [121.5, 25.03],
    [0, 0],
    [25, undefined],
  ])('coordinates %d, %d', (latitude, longitude) => {
    const { fields, flaws } = clean('location', { location_type: 'physical', latitude, longitude })
    expect(fields).toMatchObject({ latitude })
    expect(flaws).toMatchObject([
      { outcome: 'kept', reason: expect.stringContaining('out of distance matching') },
    ])
  })

  test('more places than there are, and a month that is none', () => {
    const { fields, told } = clean(
      'service_capacity',
      { available: 12, maximum: '10', funded: 11, period: '2026-13', updated: '2024-09-25' },
      { service_id: 's', unit_id: 'u' },
    )
    expect(fields).toEqual({ available: 12, maximum: 10, funded: 11, updated: '2024-09-25T00:00:00Z' })
    expect(told).toEqual([
      ['available', 'kept'],
      ['funded', 'kept'],
      ['period', 'kept'],
    ])
  })

  test('an extent that is no GeoJSON; a rule that is none', () => {
    expect(clean('service_area', { extent: 'extent', extent_type: 'geojson' })).toMatchObject({
      fields: { extent: 'extent' },
      told: [['extent', 'kept']],
    })
    const point = '{"type":"Point","coordinates":[1,2]}'
    expect(clean('service_area', { extent: point, extent_type: 'geojson' }).flaws).toEqual([])
    const links = { service_id: 's', location_id: 'l' }
    expect(clean('service_at_location', { eligibility: '{"fact":"age"}' }, links)).toMatchObject({
      fields: {},
      told: [['eligibility', 'kept']],
    })
    const rule = { fact: 'age', op: 'gte', value: 65 }
    expect(clean('service_at_location', { eligibility: JSON.stringify(rule) }, links)).toMatchObject({
      fields: { eligibility: rule },
      flaws: [],
    })
  })
})

test('cleaning what is clean changes nothing', () => {
  const { record } = cleanRecord({
    kind: 'schedule',
    sourceId: 's',
    fields: { opens_at: '9am', valid_from: '12/24/15', freq: 'weekly' },
    links: { service_id: 'x' },
    place,
  })
  expect(record!.fields).toEqual({ opens_at: '09:00:00', valid_from: '2015-12-24', freq: 'WEEKLY' })
  expect(cleanRecord(record!)).toEqual({ record, flaws: [] })
})

test.each([
  ['2020-1-2', '2020-01-02'],
  ['2020/01/02', '2020-01-02'],
  ['20200102', '2020-01-02'],
  ['31.12.2020', '2020-12-31'],
  ['25/12/2020', '2020-12-25'],
  ['1st January 1970', '1970-01-01'],
  ['Sept. 3, 2021', '2021-09-03'],
  ['109.5.29', '2020-05-29'],
  ['107年7月9日', '2018-07-09'],
  ['2020-02-29T10:00:00Z', '2020-02-29'],
  ['January 01, 0001', undefined],
  ['2021-02-29', undefined],
  ['soon', undefined],
])('the date %s', (text, iso) => {
  expect(spelledDate(text)?.iso).toBe(iso)
})

test('times and instants', () => {
  const times = ['4:00 PM', '3pm', '12am', '8.30', '24:00', '10:00:00', '25:00', '17', 'noon'].map(
    spelledTime,
  )
  expect(times).toEqual([
    '16:00:00',
    '15:00:00',
    '00:00:00',
    '08:30:00',
    '00:00:00',
    '10:00:00',
    null,
    null,
    null,
  ])
  expect(spelledDate('3/4/2020')).toEqual({ iso: '2020-03-04', ambiguous: true })
  expect(spelledInstant('2023-03-15 10:30')).toBe('2023-03-15T10:30:00Z')
})
