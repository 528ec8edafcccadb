import { BlobWriter, TextReader, ZipWriter } from '@zip.js/zip.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanRecord } from '../../../src/features/feeds/checks/clean-record.ts'
import { readTabularPackage } from '../../../src/features/feeds/tabular/tabular-package.ts'
import { openZip, ZIP_LIMITS } from '../../../src/features/feeds/tabular/zip-files.ts'
import { fileOf, readAll, unaccounted } from './reading.ts'

const read = (files: Record<string, string>) =>
  readAll(readTabularPackage(Object.entries(files).map(([name, text]) => fileOf(name, text))))

const ORGANIZATIONS = 'id,name,description\no1,Red House,Shelters\n'

describe('HSDS 3', () => {
  test('links stand apart from fields, in an order in which a row comes after those it needs', async () => {
    const reading = await read({
      'data/service_at_location.csv': 'id,service_id,location_id\np1,s1,l1\n',
      'data/services.csv': 'id,organization_id,name,status,category\ns1,o1,Meals,active,life_care\n',
      'data/Organization.csv': ORGANIZATIONS,
      'data/locations.csv': 'id,location_type,latitude,longitude\nl1,physical,25,121.5\n',
    })
    expect(reading.records.map(({ kind }) => kind)).toEqual([
      'organization',
      'service',
      'service_at_location',
      'location',
    ])
    expect(reading.of('service')).toEqual([
      {
        kind: 'service',
        sourceId: 's1',
        fields: { name: 'Meals', status: 'active', category: 'life_care' },
        links: { organization_id: 'o1' },
        place: { file: 'data/services.csv', line: 2 },
        row: true,
      },
    ])
    expect([reading.flaws, unaccounted(reading)]).toEqual([[], []])
  })

  test('nothing is dropped in silence: files, columns, rows', async () => {
    const reading = await read({
      'organizations.csv': 'id,name,description,mascot\no1,Red House,Shelters,Owl\no2,Blue\n',
      'services.csv': 'id,organization_id,name\ns1,o1,Meals\n',
      'pets.csv': 'id,name\n1,Rex\n',
      'readme.txt.bak': 'x',
      'empty.csv': '',
    })
    expect(unaccounted(reading)).toEqual([])
    expect(
      reading.flaws.map(({ place, field, outcome }) => [place.file, place.line, field, outcome]),
    ).toEqual([
      ['readme.txt.bak', 1, null, 'kept'],
      ['organizations.csv', 1, 'mascot', 'kept'],
      ['organizations.csv', 3, null, 'refused'],
      ['services.csv', 1, 'status', 'kept'],
      ['pets.csv', 2, null, 'refused'],
    ])
  })

  test('a row without an id gets a stable one where nothing can name it', async () => {
    const files = { 'languages.csv': 'service_id,name\ns1,Urdu\ns1,French\n', 'units.csv': 'id,name\n,Bed\n' }
    const [once, again] = [await read(files), await read(files)]
    expect(once.records).toEqual(again.records)
    expect(new Set(once.of('language').map(({ sourceId }) => sourceId)).size).toBe(2)
    expect(cleanRecord(once.of('unit')[0]!).flaws).toMatchObject([{ field: 'id', outcome: 'refused' }])
  })

  test('a description names tables and delimiters', async () => {
    const reading = await read({
      'p/datapackage.json': JSON.stringify({
        resources: [{ name: 'organization', path: './a.csv', dialect: { delimiter: ';' } }],
      }),
      'p/a.csv': 'id;name;description\no1;"Red; House";Shelters, and more\n',
    })
    expect(reading.of('organization')[0]!.fields).toEqual({
      name: 'Red; House',
      description: 'Shelters, and more',
    })
    expect(
      (await read({ 'datapackage.json': '../x', 'organizations.csv': ORGANIZATIONS })).flaws,
    ).toMatchObject([{ place: { file: 'datapackage.json' }, outcome: 'kept' }])
  })

  test('whatever the rows are, each is accounted for', async () => {
    const cell = fc.constantFrom('', 'a', '"', '"x', 'o1', ' ', '里')
    const line = fc.array(cell, { minLength: 1, maxLength: 5 }).map((cells) => cells.join(','))
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const text = ['id,name,description', ...lines].join('\n')
        const reading = await read({ 'organizations.csv': text, 'unheard of.csv': text })
        expect(unaccounted(reading)).toEqual([])
      }),
    )
  })
})

describe('older versions', () => {
  const OLD = {
    'organizations.csv': 'id,name,description,url\no1,Red House,Shelters,http://example.org\n',
    'services.csv': 'id,organization_id,location_id,name,status\ns1,o1,l1,Meals,active\n',
    'locations.csv': 'id,organization_id,name\nl1,o1,Hall\n',
    'physical_addresses.csv':
      'id,location_id,address_1,address_2,address_3,city,state_province,postal_code,country\n1,l1,Main 1,A,B,X,CA,1,US\n',
    'postal_address.csv':
      'id,location_id,address_1,city,state_province,postal_code,country\n1,l1,PO 1,X,CA,1,US\n',
    'regular_schedules.csv': 'id,service_id,weekday,opens_at,closes_at\n1,s1,Monday,9am,17:00\n',
    'holiday_schedules.csv':
      'id,service_id,closed,opens_at,closes_at,start_date,end_date\n1,s1,true,,,2020-12-25,2020-12-26\n',
    'phones.csv': 'id,service_id,number,language\n1,s1,123,"Spanish, Urdu"\n',
    'languages.csv': 'id,service_id,language\n1,s1,Urdu\n',
    'accessibility_for_disabilities.csv': 'id,location_id,accessibility,details\n1,l1,Ramp,North door\n',
    'eligibility.csv': 'id,service_id,eligibility\n1,s1,Adults\n2,s1,Residents\n',
    'payments_accepted.csv': 'id,service_id,payment\n1,s1,Cash\n2,s1,Check\n',
    'service_areas.csv': 'id,service_id,service_area,description\n1,s1,County,All of it\n',
    'taxonomy.csv': 'id,name,parent_id,parent_name,vocabulary\nt1,Food,,,OE\nt2,Meals,t1,Food,OE\n',
    'services_taxonomy.csv': 'id,service_id,taxonomy_id,taxonomy_detail\n1,s1,t2,hot\n',
    'other_attributes.csv': 'id,link_id,link_type,taxonomy_term_id\n1,o1,organization,t1\n',
    'required_documents.csv': 'id,service_id,document\n1,s1,Passport\n',
  }

  test('every row of 1.x and 2.0 becomes records of 3.1 that fit', async () => {
    const reading = await read(OLD)
    expect(unaccounted(reading)).toEqual([])
    const rows = [...reading.rows.values()].reduce((sum, count) => sum + count)
    expect(reading.records.filter(({ row }) => row)).toHaveLength(rows)
    const refused = reading.records
      .flatMap((record) => cleanRecord(record).flaws)
      .filter(({ outcome }) => outcome === 'refused')
    expect(refused).toEqual([])
    expect(reading.flaws).toMatchObject([{ field: 'location_type', outcome: 'kept' }])
    const keys = reading.records.map(({ kind, sourceId }) => `${kind} ${sourceId}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('what was said stands where 3.1 says it', async () => {
    const reading = await read(OLD)
    const [service] = reading.of('service')
    expect(service!.fields).toEqual({
      name: 'Meals',
      status: 'active',
      eligibility_description: 'Adults\nResidents',
    })
    expect(reading.of('service_at_location')).toMatchObject([
      { links: { service_id: 's1', location_id: 'l1' } },
    ])
    expect(reading.of('organization')[0]!.fields.website).toBe('http://example.org')
    expect(reading.of('address').map(({ fields }) => [fields.address_type, fields.address_2])).toEqual([
      ['physical', 'A, B'],
      ['postal', undefined],
    ])
    expect(reading.of('schedule').map(({ fields }) => fields)).toEqual([
      { freq: 'WEEKLY', byday: 'MO', opens_at: '9am', closes_at: '17:00' },
      { valid_from: '2020-12-25', valid_to: '2020-12-26', notes: 'closed' },
    ])
    expect(reading.of('language').map(({ fields, links }) => [fields.name, Object.keys(links)[0]])).toEqual([
      ['Spanish', 'phone_id'],
      ['Urdu', 'phone_id'],
      ['Urdu', 'service_id'],
    ])
    expect(
      reading.of('attribute').map(({ fields, links }) => [fields.link_entity, links.taxonomy_term_id]),
    ).toEqual([
      ['service', 'hsds-1:eligibility:eligibility'],
      ['service', 'hsds-1:eligibility:eligibility'],
      ['service', 'hsds-1:payment:cash'],
      ['service', 'hsds-1:payment:check'],
      ['service', 't2'],
      ['organization', 't1'],
    ])
    expect(reading.of('taxonomy_term').find(({ sourceId }) => sourceId === 't2')).toMatchObject({
      fields: { name: 'Meals', description: 'Meals', taxonomy: 'OE' },
      links: { parent_id: 't1' },
    })
  })
})

describe('zip archives', () => {
  async function zipped(files: Record<string, string>): Promise<Blob> {
    const writer = new ZipWriter(new BlobWriter())
    for (const [name, text] of Object.entries(files)) await writer.add(name, new TextReader(text))
    return writer.close()
  }

  test('are read like directories', async () => {
    const files = await openZip(await zipped({ 'a/organizations.csv': ORGANIZATIONS, '__MACOSX/x.csv': 'x' }))
    const reading = await readAll(readTabularPackage(files))
    expect(reading.of('organization')).toMatchObject([
      { sourceId: 'o1', place: { file: 'a/organizations.csv' } },
    ])
    expect(reading.flaws).toEqual([])
  })

  test.each(['../x.csv', '/x.csv', 'a/../../x.csv', 'C:/x.csv', 'a\\b.csv'])(
    'no file may lie outside: %s',
    async (name) => {
      await expect(openZip(await zipped({ [name]: 'x' }))).rejects.toThrow(/outside it/)
    },
  )

  test('bombs are refused', async () => {
    const bomb = await zipped({ 'x.csv': '0'.repeat(10_000_000) })
    await expect(openZip(bomb)).rejects.toThrow(/200-fold/)
    await expect(openZip(bomb, { ...ZIP_LIMITS, spared: 1e9, bytes: 1000 })).rejects.toThrow(
      /more than 1000 bytes/,
    )
    const many = await zipped({ a: 'x', b: 'x', c: 'x' })
    await expect(openZip(many, { ...ZIP_LIMITS, entries: 2 })).rejects.toThrow(/more than 2 files/)
    await expect(openZip(new Blob(['id,name']))).rejects.toThrow(/no zip archive/)
  })
})
