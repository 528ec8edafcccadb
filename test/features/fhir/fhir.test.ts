/** The façade over a small directory: what it says, what it finds, what it refuses, what it keeps to itself. */
import type { BundleEntry, BundleLink, OperationOutcomeIssue } from 'fhir/r4.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { putRecords } from '../../../src/features/directory/put-records.ts'
import type { DirectoryRecord } from '../../../src/features/directory/record.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { appOver } from '../../app/api-world.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** What of bundles and outcomes the tests look at. */
interface Told {
  resourceType: string
  type: string
  total: number
  entry: BundleEntry[]
  link: BundleLink[]
  issue: OperationOutcomeIssue[]
}

interface Answer {
  status: number
  type: string | null
  body: Told
  text: string
}

const CANARIES = ['Shelter', 'Secret door', 'Hidden Lane 7', '12.3456', '98.7654']

const RECORDS: DirectoryRecord[] = [
  {
    kind: 'organization',
    id: id(1),
    fields: { name: 'Care House', description: 'Cares', tax_id: 'T1', email: 'a@b.org' },
  },
  {
    kind: 'organization',
    id: id(2),
    fields: { name: 'Daughter', description: 'Part', parent_organization_id: id(1) },
  },
  {
    kind: 'organization_identifier',
    id: id(3),
    fields: { organization_id: id(2), identifier_type: 'Charity', identifier: 'C9' },
  },
  {
    kind: 'location',
    id: id(10),
    fields: {
      name: 'Station 50%',
      location_type: 'physical',
      organization_id: id(1),
      latitude: 25.03,
      longitude: 121.54,
    },
  },
  {
    kind: 'address',
    id: id(11),
    fields: {
      location_id: id(10),
      address_1: 'Main St 1',
      city: 'Taipei',
      state_province: 'TPE',
      postal_code: '106',
      country: 'TW',
      address_type: 'physical',
    },
  },
  { kind: 'accessibility', id: id(12), fields: { location_id: id(10), description: 'Ramp and wide doors' } },
  {
    kind: 'schedule',
    id: id(13),
    fields: { location_id: id(10), freq: 'WEEKLY', byday: 'MO,WE', opens_at: '09:00', closes_at: '17:00' },
  },
  {
    kind: 'location',
    id: id(20),
    fields: {
      name: 'Shelter',
      location_type: 'physical',
      organization_id: id(2),
      visibility: 'confidential',
      latitude: 12.3456,
      longitude: 98.7654,
    },
  },
  {
    kind: 'address',
    id: id(21),
    fields: {
      location_id: id(20),
      address_1: 'Hidden Lane 7',
      city: 'Elsewhere',
      state_province: 'X',
      postal_code: '999',
      country: 'TW',
      address_type: 'physical',
    },
  },
  {
    kind: 'accessibility',
    id: id(22),
    fields: { location_id: id(20), description: 'Secret door beside the bakery' },
  },
  {
    kind: 'program',
    id: id(30),
    fields: { organization_id: id(1), name: 'Evergreen', description: 'A program' },
  },
  {
    kind: 'service',
    id: id(40),
    fields: {
      name: 'Day care',
      status: 'active',
      organization_id: id(1),
      program_id: id(30),
      category: 'elderly_care',
      term: 'day_care',
    },
  },
  { kind: 'service', id: id(41), fields: { name: 'Night care', status: 'inactive', organization_id: id(2) } },
  { kind: 'service_at_location', id: id(50), fields: { service_id: id(40), location_id: id(10) } },
  { kind: 'service_at_location', id: id(51), fields: { service_id: id(41), location_id: id(20) } },
  { kind: 'language', id: id(60), fields: { service_id: id(40), name: 'Chinese', code: 'zh' } },
  { kind: 'phone', id: id(61), fields: { service_id: id(40), number: '02 1234', type: 'fax' } },
  {
    kind: 'taxonomy',
    id: id(70),
    fields: { name: 'Open Eligibility', description: 'T', uri: 'https://example.org/oe' },
  },
  {
    kind: 'taxonomy_term',
    id: id(71),
    fields: { code: '1102', name: 'Food', description: 'Food', taxonomy_id: id(70) },
  },
  {
    kind: 'attribute',
    id: id(72),
    fields: { link_id: id(40), link_entity: 'service', taxonomy_term_id: id(71) },
  },
]

describe.each(engines())('FHIR on %s', (rung) => {
  let world: TestWorld
  let get: (path: string, init?: RequestInit) => Promise<Answer>
  beforeAll(async () => {
    world = await openTestDb(rung)
    world.clock.set('2026-12-01T08:00:00.000Z')
    await inTransaction(world.context(), (ctx) => putRecords(ctx, RECORDS))
    const app = appOver(world)
    get = async (path, init = {}) => {
      const response = await app.request(`http://host/fhir/${path}`, init)
      const text = await response.text()
      return {
        status: response.status,
        type: response.headers.get('content-type'),
        body: JSON.parse(text),
        text,
      }
    }
  })
  afterAll(() => world.close())

  const found = async (path: string) => {
    const { status, body } = await get(path)
    expect(status).toBe(200)
    return (body.entry ?? [])
      .filter(({ search }) => search?.mode === 'match')
      .map(({ resource }) => Number(resource!.id!.slice(-3)))
  }

  it('says what it can do, and can do no more and no less', async () => {
    const { body } = await get('metadata')
    const { rest } = body as unknown as {
      rest: { resource: { type: string; searchParam: { name: string; type: string }[] }[] }[]
    }
    for (const { type, searchParam } of rest[0]!.resource) {
      for (const { name, type: kind } of searchParam) {
        const value = kind === 'date' ? '2026' : 'x'
        expect([name, (await get(`${type}?${name}=${value}`)).status]).toEqual([name, 200])
      }
    }
  })

  it.each([
    ['Organization?name=care', [1]],
    ['Organization?name:contains=OUSE', [1]],
    ['Organization?name:exact=care house', []],
    ['Organization?name=care,daughter', [1, 2]],
    ['Organization?identifier=C9', [2]],
    ['Organization?identifier=urn:x|T1', [1]],
    ['Organization?address-city=taipei', [1]],
    ['Organization?address-city=elsewhere', []],
    ['Organization?partof=Organization/00000000-0000-4000-8000-000000000001', [2]],
    ['Organization?active=false', []],
    ['Location?name=station 50%25', [10]],
    ['Location?name=station 5_%25', []],
    ['Location?name=shelter', []],
    ['Location?address=main', [10]],
    ['Location?address=hidden', []],
    ['Location?address-postalcode=999', []],
    ['Location?address-country=TW', [10]],
    ['Location?organization=00000000-0000-4000-8000-000000000002', [20]],
    ['Location?hoursofoperation=wed', [10]],
    ['Location?hoursofoperation=tue', []],
    ['Location?accessibility=ramp', [10]],
    ['Location?accessibility=secret', []],
    ['HealthcareService?active=true', [40]],
    ['HealthcareService?active=false', [41]],
    ['HealthcareService?active:not=true', [41]],
    ['HealthcareService?communication=ZH', [40]],
    ['HealthcareService?location=Location/00000000-0000-4000-8000-000000000010', [40]],
    [
      'HealthcareService?organization=http://host/fhir/Organization/00000000-0000-4000-8000-000000000002',
      [41],
    ],
    ['HealthcareService?program=Evergreen', [40]],
    ['HealthcareService?service-category=elderly_care', [40]],
    ['HealthcareService?service-type=day_care', [40]],
    ['HealthcareService?service-type=https://example.org/oe|1102', [40]],
    ['HealthcareService?name=day&active=true&communication=zh', [40]],
    ['HealthcareService?name=day&active=false', []],
    ['HealthcareService?_id=00000000-0000-4000-8000-000000000040', [40]],
    ['HealthcareService?_lastUpdated=2026-12-01', [40, 41]],
    ['HealthcareService?_lastUpdated=gt2026-12-01', []],
    ['HealthcareService?_lastUpdated=ge2026-12-01T08:00:00Z', [40, 41]],
    ['HealthcareService?_lastUpdated=sa2026-12-01T08:00:00.000Z', []],
    ['HealthcareService?_lastUpdated=lt2026-12', []],
    ['HealthcareService?_lastUpdated=le2026&_lastUpdated=ne2025', [40, 41]],
  ])('finds by %s', async (path, expected) => {
    expect(await found(path)).toEqual(expected)
  })

  it('shows a service as the guide maps it', async () => {
    const { body, type } = await get(`HealthcareService/${id(40)}`)
    expect(type).toBe('application/fhir+json; charset=UTF-8')
    expect(body).toMatchObject({
      resourceType: 'HealthcareService',
      active: true,
      name: 'Day care',
      meta: { lastUpdated: '2026-12-01T08:00:00.000Z' },
      providedBy: { reference: `Organization/${id(1)}` },
      location: [{ reference: `Location/${id(10)}`, display: 'Station 50%' }],
      telecom: [{ system: 'fax', value: '02 1234', use: 'work' }],
      program: [{ text: 'Evergreen' }],
      communication: [{ coding: [{ code: 'zh' }], text: 'Chinese' }],
    })
  })

  it('shows a location with position, address and hours', async () => {
    expect((await get(`Location/${id(10)}`)).body).toMatchObject({
      address: { line: ['Main St 1'], city: 'Taipei', postalCode: '106' },
      position: { latitude: 25.03, longitude: 121.54 },
      managingOrganization: { reference: `Organization/${id(1)}` },
      hoursOfOperation: [{ daysOfWeek: ['mon', 'wed'], openingTime: '09:00:00', closingTime: '17:00:00' }],
    })
  })

  it('never tells where a confidential location is, and has no empty value anywhere', async () => {
    for (const type of ['Organization', 'Location', 'HealthcareService']) {
      const all = await get(
        `${type}?_revinclude=${type === 'Location' ? 'HealthcareService:location' : 'Location:organization'}`,
      )
      const listed = all.status === 200 ? all : await get(type)
      for (const canary of CANARIES) expect(listed.text).not.toContain(canary)
      expect(listed.text).not.toMatch(/""|\[\]|null/)
      for (const { resource } of listed.body.entry!) {
        const one = await get(`${type}/${resource!.id}`)
        for (const canary of CANARIES) expect(one.text).not.toContain(canary)
      }
    }
  })

  it('pages by links, first to last', async () => {
    const seen: string[] = []
    for (let url: string | undefined = 'Organization?_count=1'; url; ) {
      const { body }: Answer = await get(url)
      expect(body).toMatchObject({ type: 'searchset', total: 2 })
      seen.push(...body.entry!.map(({ fullUrl }) => fullUrl!))
      url = body.link!.find(({ relation }) => relation === 'next')?.url.replace('http://host/fhir/', '')
    }
    expect(seen).toEqual([1, 2].map((n) => `http://host/fhir/Organization/${id(n)}`))
    expect((await get('Organization?_summary=count')).body).toMatchObject({ total: 2, entry: [] })
    expect((await get('Organization?_count=0')).body).toMatchObject({ total: 2, entry: [] })
  })

  it('includes what matches refer to, and what refers to them', async () => {
    const { body } = await get(
      `HealthcareService?name=day&_include=HealthcareService:location&_include=HealthcareService:organization`,
    )
    expect(body.entry!.map(({ resource, search }) => [resource!.resourceType, search!.mode])).toEqual([
      ['HealthcareService', 'match'],
      ['Location', 'include'],
      ['Organization', 'include'],
    ])
    const back = await get('Location?name=station&_revinclude=HealthcareService:location')
    expect(back.body.entry!.map(({ resource }) => resource!.resourceType)).toEqual([
      'Location',
      'HealthcareService',
    ])
  })

  it('takes the parameters from a form too', async () => {
    const { status, body } = await get('Organization/_search', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'name=care&_count=1',
    })
    expect([status, body.total]).toEqual([200, 1])
  })

  it.each([
    ['Organization?nome=x', 400, 'invalid', 'nome'],
    ['Organization?name=', 400, 'invalid', 'name'],
    ['Organization?name:below=x', 400, 'invalid', 'name:below'],
    ['Organization?_count=1000000000', 400, 'invalid', '_count'],
    ['Organization?_count=-1', 400, 'invalid', '_count'],
    ['Organization?_page=9', 400, 'invalid', '_page'],
    ['Organization?_lastUpdated=yesterday', 400, 'invalid', '_lastUpdated'],
    ['Organization?_lastUpdated=2026-13', 400, 'invalid', '_lastUpdated'],
    ['Organization?_format=xml', 400, 'invalid', '_format'],
    ['Organization?_include=Organization:endpoint', 400, 'invalid', '_include'],
    ['Organization?name=%00', 400, 'invalid', 'name'],
    ['Patient', 404, 'not-found', undefined],
    ['Organization/17', 404, 'not-found', undefined],
    [`Organization/${id(99)}`, 404, 'not-found', undefined],
    ['a/b/c/d', 404, 'not-found', undefined],
  ])('refuses %s as an OperationOutcome', async (path, status, code, field) => {
    const answer = await get(path)
    expect([answer.status, answer.type]).toEqual([status, 'application/fhir+json; charset=UTF-8'])
    const [issue] = answer.body.issue
    expect(answer.body.resourceType).toBe('OperationOutcome')
    expect([issue!.code, issue!.expression?.[0]]).toEqual([code, field])
    expect(issue!.diagnostics).toMatch(/\w/)
  })

  it('writes nothing', async () => {
    const { status, body } = await get('Organization', { method: 'POST', body: '{}' })
    expect([status, body.issue[0]!.code]).toEqual([405, 'not-supported'])
  })
})
