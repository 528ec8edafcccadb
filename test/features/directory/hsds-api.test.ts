/** /hsds as a client sees it: what each parameter finds, what is refused, and what is never told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { putRecords } from '../../../src/features/directory/put-records.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { appOver, type Send, sender } from '../../app/api-world.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { CANARY, CANARY_LATITUDE, IDS, idOf, TOWN_RECORDS } from './town-directory.ts'

describe.each(engines())('the HSDS API on %s', (rung) => {
  let world: TestWorld
  let app: ReturnType<typeof appOver>
  let send: Send
  beforeAll(async () => {
    world = await openTestDb(rung)
    app = appOver(world)
    send = sender(app)
    await inTransaction(world.context(), (ctx) => putRecords(ctx, TOWN_RECORDS))
  })
  afterAll(() => world.close())

  const get = (path: string) => send(null, 'GET', `/hsds/${path}`)
  const post = (path: string, body: unknown, type = 'application/json') =>
    send(null, 'POST', `/hsds/${path}`, {
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': type },
    })
  const found = async (path: string): Promise<string[]> => {
    const { status, body } = await get(path)
    expect([status, body.code, body.detail]).toEqual([200, undefined, undefined])
    return body.contents.map(({ id }: { id: string }) => id)
  }
  const textOf = async (path: string): Promise<string> => {
    const response = await app.request(`/hsds/${path}`)
    expect([path, response.status]).toEqual([path, 200])
    const type = path.includes('ndjson') ? 'application/x-ndjson' : 'application/json'
    expect(response.headers.get('content-type')).toBe(type)
    return response.text()
  }
  const asked = (path: string, values: Record<string, string>) =>
    found(`${path}?${new URLSearchParams(values)}`)

  describe('what is searched for', () => {
    it.each([
      ['MEALS', [IDS.meals]],
      ['soup', [IDS.meals]],
      ['kitchen  everybody', [IDS.meals]],
      ['kitchen doctor', []],
      ['太極', [IDS.school]],
      ['晨間', [IDS.school]],
      ['100%', [IDS.percent]],
      ['100_', []],
      ['care_free', [IDS.percent]],
      ['care\\', []],
      ['birch', [IDS.shelter, IDS.homeCare, IDS.percent, IDS.doctor]],
      ['city 太極拳', [IDS.school]],
    ])('services by «%s»', async (search, expected) => {
      expect(await asked('services', { search })).toEqual(expected)
    })

    it('an empty search finds everything', async () => {
      expect(await asked('services', { search: ' ' })).toHaveLength(8)
    })

    it.each([
      ['service_at_locations', 'appointment', [IDS.doctorAtPractice]],
      ['service_at_locations', 'soup', [IDS.mealsAtHall, IDS.mealsByDoctor]],
      ['service_at_locations', 'doctor’s own', [IDS.mealsByDoctor, IDS.doctorAtPractice]],
      ['service_at_locations', CANARY, []],
      ['organizations', 'town HALL', [IDS.city]],
      ['taxonomies', 'help', [IDS.kinds]],
      ['taxonomy_terms', 'f-1', [IDS.hotMeals]],
      ['taxonomy_terms', 'courses', [IDS.learning]],
    ])('%s by «%s»', async (path, search, expected) => {
      expect(await asked(path, { search })).toEqual(expected)
    })
  })

  describe('filters', () => {
    it.each<[string, Record<string, string>, string[]]>([
      ['services', { taxonomy_term_id: IDS.hotMeals }, [IDS.meals]],
      ['services', { taxonomy_term_id: IDS.food }, []],
      ['services', { taxonomy_id: IDS.kinds }, [IDS.meals]],
      ['services', { taxonomy_id: IDS.otherTaxonomy }, [IDS.doctor]],
      ['services', { taxonomy_id: idOf(5555) }, []],
      ['services', { organization_id: IDS.city }, [IDS.meals, IDS.school]],
      ['services', { organization_id: IDS.city, search: '太極' }, [IDS.school]],
      ['services', { organization_id: IDS.city, taxonomy_id: IDS.kinds }, [IDS.meals]],
      ['services', { organization_id: IDS.clinic, taxonomy_id: IDS.kinds }, []],
      ['organizations', { taxonomy_term_id: IDS.food }, [IDS.city]],
      ['organizations', { taxonomy_id: IDS.otherTaxonomy }, []],
      ['service_at_locations', { taxonomy_term_id: IDS.learning }, [IDS.schoolAtHall]],
      ['service_at_locations', { taxonomy_term_id: IDS.hotMeals }, [IDS.mealsAtHall, IDS.mealsByDoctor]],
      [
        'service_at_locations',
        { taxonomy_id: IDS.kinds },
        [IDS.mealsAtHall, IDS.schoolAtHall, IDS.mealsByDoctor],
      ],
      [
        'service_at_locations',
        { organization_id: IDS.clinic },
        [IDS.shelterSomewhere, IDS.careAtHerHome, IDS.doctorAtPractice],
      ],
      ['taxonomy_terms', { taxonomy_id: IDS.kinds }, [IDS.food, IDS.hotMeals, IDS.learning]],
      ['taxonomy_terms', { parent_id: IDS.food }, [IDS.hotMeals]],
      ['taxonomy_terms', { top_only: 'true' }, [IDS.food, IDS.learning, IDS.otherTerm]],
      ['taxonomy_terms', { top_only: 'true', taxonomy_id: IDS.kinds }, [IDS.food, IDS.learning]],
      ['taxonomy_terms', { top_only: 'false' }, [IDS.food, IDS.hotMeals, IDS.learning, IDS.otherTerm]],
    ])('%s with %j', async (path, values, expected) => {
      expect(await asked(path, values)).toEqual(expected)
    })

    it('modified_after takes in the very instant, in whatever zone it is written', async () => {
      const since = (modified_after: string, path = 'services') => asked(path, { modified_after })
      expect(await since('2024-05-01T10:00:00Z')).toContain(IDS.meals)
      expect(await since('2024-05-01T18:00:00+08:00')).toContain(IDS.meals)
      expect(await since('2024-05-01T10:00:00')).toContain(IDS.meals)
      expect(await since('2024-05-01')).toContain(IDS.meals)
      expect(await since('2024-05-01T10:00:00.001Z')).not.toContain(IDS.meals)
      expect(await since('2024-12-31T16:00:00Z')).toContain(IDS.school)
      expect(await since('2025-01-01')).not.toContain(IDS.school)
      // What its feed doesn't date was modified when it came.
      expect(await since('2026-12-01T08:00:00Z')).toContain(IDS.doctor)
      expect(await since('2026-12-01T08:00:01Z')).toEqual([])
      expect(await since('2024-05-01T10:00:01Z', 'service_at_locations')).toEqual([
        IDS.schoolAtHall,
        IDS.shelterSomewhere,
        IDS.careAtHerHome,
        IDS.elsewhereFar,
        IDS.doctorAtPractice,
        IDS.bareNowhere,
      ])
    })

    it('by postcode: service areas that name postcodes first, else the address', async () => {
      const at = (postcode: string) => asked('service_at_locations', { postcode })
      expect(await at('AB1 2CD')).toEqual([IDS.mealsAtHall, IDS.schoolAtHall, IDS.mealsByDoctor])
      expect(await at('ab12cd')).toEqual(await at('AB1 2CD'))
      // The doctor serves these two postcodes alone, not that of the practice.
      expect(await at('QQ1 1QQ')).toEqual([IDS.doctorAtPractice])
      expect(await at('QQ2 2QQ')).toEqual([IDS.doctorAtPractice])
      expect(await at('QQ3 3QQ')).toEqual([])
    })

    it('by proximity: meters from the middle of the postcode', async () => {
      // The middle is at 25.032 N: the hall and the practice are 222 m from it, the far end 9,785 m.
      const within = (proximity: string, postcode = 'AB1 2CD') =>
        asked('service_at_locations', { postcode, proximity })
      expect(await within('221')).toEqual([])
      expect(await within('223')).toEqual([IDS.mealsAtHall, IDS.schoolAtHall, IDS.mealsByDoctor])
      expect(await within('9784')).not.toContain(IDS.elsewhereFar)
      expect(await within('9786')).toContain(IDS.elsewhereFar)
      expect(await within('20000000')).toHaveLength(4)
    })

    it('the UK’s: ages and hours', async () => {
      const uk = (values: Record<string, string>, path = 'services') => asked(`uk/${path}`, values)
      expect(await uk({ minimum_age: '60' })).toEqual([IDS.meals])
      expect(await uk({ minimum_age: '61' })).toEqual([])
      expect(await uk({ maximum_age: '90' })).toEqual([IDS.school])
      expect(await uk({ maximum_age: '120' })).toEqual([IDS.school, IDS.doctor])
      expect(await uk({ day: 'MO' })).toEqual([IDS.meals])
      expect(await uk({ day: 'saturday' })).toEqual([IDS.doctor])
      expect(await uk({ day: 'SU' })).toEqual([])
      expect(await uk({ start_time: '11:30', end_time: '13:00' })).toEqual([IDS.meals])
      expect(await uk({ start_time: '11:31' })).toEqual([])
      expect(await uk({ end_time: '12:59' })).toEqual([IDS.doctor])
      // One schedule must meet all of them.
      expect(await uk({ day: 'SA', start_time: '11:30' })).toEqual([])
      expect(await uk({ day: 'MO' }, 'service_at_locations')).toEqual([IDS.mealsAtHall])
      expect(await uk({ minimum_age: '60' }, 'service_at_locations')).toEqual([
        IDS.mealsAtHall,
        IDS.mealsByDoctor,
      ])
    })

    it('in a body are the same as in the query, as text or as values', async () => {
      const inQuery = await get('taxonomy_terms?top_only=true&per_page=2&page=2')
      expect((await post('taxonomy_terms', { top_only: true, per_page: 2, page: 2 })).body).toEqual(
        inQuery.body,
      )
      expect((await post('taxonomy_terms', { top_only: 'true', per_page: '2', page: '2' })).body).toEqual(
        inQuery.body,
      )
      const { body } = await post('services', { search: '太極' })
      expect(body.contents.map(({ id }: { id: string }) => id)).toEqual([IDS.school])
    })
  })

  describe('forms', () => {
    it('the root says which standard, profile and publisher', async () => {
      const { body } = await get('')
      expect(body).toEqual({
        version: '3.1',
        profile: 'http://127.0.0.1:8787/hsds/profile',
        openapi_url: 'http://127.0.0.1:8787/openapi.json',
        publisher: { name: 'Lifecircle', url: 'http://127.0.0.1:8787' },
      })
    })

    it('minimal is id and last_modified, all services at once', async () => {
      const { body } = await get('services?minimal=true')
      expect(body).toMatchObject({ total_items: 8, total_pages: 1, size: 8 })
      expect(body.contents.slice(0, 3)).toEqual([
        { id: IDS.meals, last_modified: '2024-05-01T10:00:00.000Z' },
        { id: IDS.school, last_modified: '2025-01-01T00:00:00+08:00' },
        { id: IDS.shelter, last_modified: '2026-12-01T08:00:00.000Z' },
      ])
      expect((await get('services?minimal=true&per_page=3&page=3')).body).toMatchObject({
        size: 2,
        last_page: true,
      })
    })

    it('the envelope of an empty result', async () => {
      expect((await get('services?search=nothing')).body).toEqual({
        total_items: 0,
        total_pages: 0,
        page_number: 1,
        size: 0,
        first_page: true,
        last_page: true,
        empty: true,
        contents: [],
      })
    })

    it('a service at a location shows the Profile’s fields, and its service and place', async () => {
      const { body } = await get(`service_at_locations/${IDS.mealsAtHall}`)
      expect(body).toMatchObject({
        tier: 'basic',
        price: 5000,
        eligibility: { fact: 'age', op: '>=', value: 60 },
        assurance: { state: 'assured' },
        service: { id: IDS.meals, organization: { id: IDS.city }, program: { name: 'Food for the old' } },
        location: { id: IDS.hall, latitude: 25.03, addresses: [{ postal_code: 'AB1 2CD', city: '' }] },
        capacities: [{ period: '2026-12', funded: 4, available: 0, unit: { name: '' } }],
      })
    })

    it('a link to what nobody has brought stays', async () => {
      expect((await get(`services/${IDS.elsewhere}`)).body.organization_id).toBe(idOf(999))
      expect((await get(`service_at_locations/${IDS.bareNowhere}`)).body).toMatchObject({
        service_id: idOf(998),
        location_id: idOf(997),
      })
    })

    it('organizations: by themselves, with services as in a list, with services in full', async () => {
      const [listed] = (await get('organizations')).body.contents
      expect(listed).not.toHaveProperty('services')
      const { body: plain } = await get(`organizations/${IDS.city}`)
      expect(plain).toMatchObject({
        funding: [{ source: 'Taxes' }],
        services: [{ id: IDS.meals }, { id: IDS.school }],
      })
      expect(plain.services[0]).not.toHaveProperty('schedules')
      expect((await get('organizations?full=true')).body.contents[0]).toEqual(plain)
      const { body: full } = await get(`organizations/${IDS.city}?full_service=true`)
      expect(full.services[0]).toMatchObject({
        phones: [{ number: '02-2345', languages: [{ code: 'nan' }] }],
      })
      expect((await get('organizations?full_service=true')).body.contents[0]).toEqual(full)
    })

    it('ndjson is everything at once, whatever the page', async () => {
      const text = await textOf('services?format=ndjson&per_page=2&page=7&full=true')
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines).toHaveLength(8)
      expect(lines[0]).toEqual((await get(`services/${IDS.meals}`)).body)
    })

    it('for the UK: a url for every service, and the names of terms', async () => {
      const base = 'http://127.0.0.1:8787/hsds/uk'
      const { body } = await get('uk/services')
      expect(body.contents[0].url).toBe('https://alder.example/meals')
      expect(body.contents[1].url).toBe(`${base}/services/${IDS.school}`)
      const { body: doctor } = await get(`uk/services/${IDS.doctor}`)
      expect(doctor).toMatchObject({
        schedules: [{ url: `${base}/services/${IDS.doctor}` }],
        attributes: [{ taxonomy_term: { term: 'Something', taxonomy: 'Other', name: 'Something' } }],
      })
      const { body: place } = await get(`uk/service_at_locations/${IDS.mealsAtHall}`)
      expect(place).toMatchObject({
        schedules: [{ url: 'https://alder.example/meals' }],
        service: { contacts: [{ url: 'https://alder.example/meals' }] },
      })
      expect((await get(`uk/taxonomy_terms/${IDS.hotMeals}`)).body).toMatchObject({
        term: 'Hot meals',
        taxonomy: 'Kinds of help',
      })
      expect((await get('uk/')).body.version).toBe('3.0')
    })

    it('is found without the slash too', async () => {
      const answer = await app.request('/hsds')
      expect([answer.status, answer.headers.get('location')]).toEqual([308, '/hsds/'])
    })

    it('needs no key and lets every page read it', async () => {
      const { headers } = await send('lc_wrong', 'GET', '/hsds/services')
      expect(headers.get('access-control-allow-origin')).toBe('*')
      const preflight = await send(null, 'OPTIONS', '/hsds/services', {
        headers: {
          origin: 'https://elsewhere.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      })
      expect(preflight.status).toBe(204)
      expect(preflight.headers.get('access-control-allow-methods')).toContain('POST')
      expect(preflight.headers.get('access-control-allow-headers')).toContain('content-type')
    })
  })

  describe('refusals', () => {
    const LISTS = ['services', 'organizations', 'service_at_locations', 'taxonomies', 'taxonomy_terms']
    const refused = (answer: Awaited<ReturnType<Send>>, status: number, pointer?: string) => {
      expect([answer.status, answer.type]).toEqual([status, 'application/problem+json'])
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      if (pointer)
        expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer])
    }

    it.each(LISTS.flatMap((list) => [list, ...(list === 'organizations' ? [] : [`uk/${list}`])]))(
      '%s: pages, formats, names',
      async (list) => {
        for (const [name, value] of [
          ['page', '0'],
          ['page', '-1'],
          ['page', 'two'],
          ['page', '1.5'],
          ['page', '9999999999999999999999'],
          ['per_page', '0'],
          ['per_page', '501'],
          ['per_page', '1000000000'],
          ['per_page', ''],
          ['format', 'xml'],
          ['colour', 'blue'],
        ]) {
          refused(await get(`${list}?${name}=${value}`), 422, `/query/${name}`)
        }
        refused(await get(`${list}?page=1&page=2`), 422, '/query/page')
        refused(await get(`${list}?page=500`), 404, '/page')
        refused(await get(`${list}/not-an-id`), 422, '/param/id')
        refused(await get(`${list}/${idOf(77_777)}`), 404)
        refused(await get(`${list}/${IDS.hall}`), 404)
        refused(await get(`${list}/${IDS.meals}/more`), 404)
      },
    )

    it.each([
      ['services', 'taxonomy_term_id', 'food'],
      ['services', 'taxonomy_id', '7'],
      ['services', 'organization_id', `${IDS.city}x`],
      ['services', 'modified_after', 'yesterday'],
      ['services', 'modified_after', '2026-02-30'],
      ['services', 'modified_after', '1764576000'],
      ['services', 'minimal', 'yes'],
      ['services', 'full', '1'],
      ['services', 'search', 'x'.repeat(201)],
      ['services', 'search', '%00'],
      ['services', 'postcode', 'AB1'],
      ['services', 'minimum_age', '60'],
      ['organizations', 'full_service', 'TRUE'],
      ['organizations', 'organization_id', IDS.city],
      ['organizations', 'modified_after', '2026-01-01'],
      ['service_at_locations', 'minimal', 'true'],
      ['service_at_locations', 'proximity', '500'],
      ['service_at_locations', 'postcode', ''],
      ['taxonomy_terms', 'top_only', 'maybe'],
      ['taxonomy_terms', 'parent_id', 'F'],
      ['taxonomies', 'taxonomy_id', IDS.kinds],
      ['uk/services', 'day', 'someday'],
      ['uk/services', 'start_time', '25:00'],
      ['uk/services', 'minimum_age', 'old'],
      ['uk/services', 'organization_id', IDS.city],
    ])('%s?%s=%s', async (path, name, value) => {
      refused(await get(`${path}?${name}=${value}`), 422, `/query/${name}`)
    })

    it.each(['-1', 'near', '30000000', '1e3'])('a proximity of %s', async (proximity) => {
      refused(
        await get(`service_at_locations?postcode=AB12CD&proximity=${proximity}`),
        422,
        '/query/proximity',
      )
    })

    it('a proximity to a postcode that no public address has', async () => {
      for (const postcode of ['NO0 0NE', 'ZZ9 9ZZ']) {
        refused(await get(`service_at_locations?postcode=${postcode}&proximity=20000000`), 422, '/postcode')
      }
    })

    it('a single object takes no parameters but the standard’s', async () => {
      refused(await get(`services/${IDS.meals}?full=true`), 422, '/query/full')
      refused(await get(`organizations/${IDS.city}?full=true`), 422, '/query/full')
    })

    it.each(LISTS)('bodies for %s', async (list) => {
      refused(await post(list, { colour: 'blue' }), 422, '/colour')
      refused(await post(list, { per_page: 0 }), 422, '/per_page')
      refused(await post(list, { page: 99 }), 404, '/page')
      refused(await post(list, { search: 7 }), 422, '/search')
      refused(await post(list, []), 422)
      refused(await post(list, '{"page":'), 400)
      refused(await post(list, '{}', 'text/plain'), 415)
      refused(await post(list, `{"search":"${'x'.repeat(1_100_000)}"}`), 413)
      refused(await send(null, 'DELETE', `/hsds/${list}`), 405)
    })

    it.each([
      'profile/resident.json',
      'schema/service',
      'schema/compiled/phone.json',
      'schema/openapi.json',
      'nothing',
    ])('no document %s', async (path) => {
      refused(await get(path), 404)
    })
  })

  it('never tells where a confidential place is, in any answer', async () => {
    const texts: string[] = []
    const keep = async (path: string) => {
      texts.push(await textOf(path))
    }
    for (const prefix of ['', 'uk/']) {
      await keep(`${prefix}services?format=ndjson`)
      await keep(`${prefix}service_at_locations?format=ndjson`)
      for (const id of [IDS.shelterSomewhere, IDS.careAtHerHome])
        await keep(`${prefix}service_at_locations/${id}`)
      for (const id of [IDS.shelter, IDS.homeCare]) await keep(`${prefix}services/${id}`)
    }
    await keep('services?format=ndjson&full=true')
    await keep('service_at_locations?format=ndjson&full=true')
    await keep('organizations?format=ndjson&full_service=true')
    await keep(`organizations/${IDS.clinic}?full_service=true`)
    for (const text of texts) {
      expect(text).not.toContain(CANARY)
      expect(text).not.toContain(`${CANARY_LATITUDE}`)
      expect(text).not.toContain('ZZ9')
    }
    // The place itself is told of, and what may be told of others is.
    expect(texts.join()).toContain(
      `{"id":"${IDS.somewhere}","location_type":"physical","visibility":"confidential"`,
    )
    expect(texts.join()).toContain('Town Hall')
    expect(texts.join()).toContain('"Ramp"')
  })

  it('finds no confidential place by postcode, by distance or by its words', async () => {
    const secret = [IDS.shelterSomewhere, IDS.careAtHerHome]
    for (const values of [{ postcode: 'ZZ9 9ZZ' }, { search: CANARY }]) {
      expect(await asked('service_at_locations', values)).toEqual([])
    }
    const near = await asked('service_at_locations', { postcode: 'AB12CD', proximity: '20000000' })
    expect(near).not.toEqual(expect.arrayContaining([secret[0]]))
    expect(near).not.toEqual(expect.arrayContaining([secret[1]]))
  })
})
