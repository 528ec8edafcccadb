/** Residents from files: every row is registered, known, or told what is wrong with it. */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAreas } from '../../../src/features/communities/create-areas.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { BulkReport } from '../../../src/features/residents/fact-schemas.ts'
import { createReferenceSeal } from '../../../src/features/residents/sealed-reference.ts'
import { consents, needs, residents } from '../../../src/features/residents/tables.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { type ApiWorld, openApi } from '../../app/api-world.ts'
import { CORNERS, outline } from './outlines.ts'

const PATH = '/v1/residents/bulk'
const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'

describe('a file of residents', () => {
  let api: ApiWorld
  let north: string
  beforeAll(async () => {
    api = await openApi()
    const system = api.world.context(SYSTEM)
    const { ids } = await createAreas(system, [{ kind: 'district', code: 'N', name: 'North' }])
    north = ids[0]!
    await outline(api.world, north, CORNERS.north)
  })
  afterAll(() => api.close())

  const send = (body: string, type = 'text/csv', caller: 'partner' | 'provider' = 'partner') =>
    api.request(caller, 'POST', PATH, { body, headers: { 'content-type': type } })
  async function report(body: string, type?: string): Promise<BulkReport> {
    const answer = await send(body, type)
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    const { rows, registered, existing, refused, outcomes } = BulkReport.parse(answer.body)
    expect(registered + existing + refused).toBe(rows)
    expect(outcomes).toHaveLength(rows)
    return answer.body
  }
  const flawsOf = ({ outcomes }: BulkReport) =>
    outcomes.flatMap(({ line, flaws }) => flaws.map(({ pointer }) => [line, pointer]))
  const read = async (id: string) => (await api.request('partner', 'GET', `/v1/residents/${id}`)).body

  it('as CSV says of each resident all that a registration does', async () => {
    const header =
      'reference,areaCode,latitude,longitude,birthYear,mobility,incomeClass,livesAlone,languages,assessments,consentMatching,consentReferral,consentStatistics,wallet'
    const lin =
      '"Lin, the elder",N,25.03512,121.54512,1948,slow,low,true,zh|nan,cms:4:2027-06-30|adl:2,location|languages,location,income_class,2026-12:150000|2027-01:1'
    const { outcomes } = await report(`${header}\n${lin}\n`)
    const id = outcomes[0]!.residentId!
    expect(await read(id)).toMatchObject({
      reference: 'Lin, the elder',
      areaId: north,
      point: { latitude: 25.035, longitude: 121.545 },
      birthYear: 1948,
      mobility: 'slow',
      incomeClass: 'low',
      livesAlone: true,
      languages: ['zh', 'nan'],
      assessments: [
        { scheme: 'cms', level: 4, validUntil: '2027-06-30' },
        { scheme: 'adl', level: 2, validUntil: null },
      ],
    })
    const { root } = api.world.db
    const given = await root.select().from(consents).where(eq(consents.residentId, id))
    expect(given.map(({ purpose, facts }) => [purpose, facts])).toEqual([
      ['matching', ['location', 'languages']],
      ['referral', ['location']],
      ['statistics', ['income_class']],
    ])
    const wallets = await root.select().from(accounts).where(eq(accounts.ownerId, id))
    expect(wallets.map(({ period, limit }) => [period, limit]).sort()).toEqual([
      ['2026-12', 150_000],
      ['2027-01', 1],
    ])
  })

  it('as NDJSON has needs as well', async () => {
    const need = {
      period: '2026-12',
      category: 'elderly_care',
      term: 'day_care',
      tier: 'basic',
      quantity: 2,
    }
    const point = { latitude: 25.035, longitude: 121.545 }
    const rows = [{ reference: 'json', point, needs: [need] }, '[1, 2', { reference: 'json 2', areaId: 7 }]
    const body = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n')
    const found = await report(`${body}\n`, 'application/x-ndjson; charset=utf-8')
    expect(found).toMatchObject({ rows: 3, registered: 1, refused: 2 })
    expect(flawsOf(found)).toEqual([
      [2, ''],
      [3, '/areaId'],
      [3, '/point'],
    ])
    const { residentId } = found.outcomes[0]!
    expect(await api.world.db.root.$count(needs, eq(needs.residentId, residentId!))).toBe(1)
  })

  it('registers what it can of a file with a flaw in every other row, and nothing twice', async () => {
    const header = 'reference,areaId,areaCode,latitude,longitude,birthYear,mobility,consentMatching,wallet'
    const good = (at: number) => `good-${at},,,25.0351,121.5451,1950,,location,2026-12:5`
    const rows: [string, string | null][] = [
      ['a,,,25.0351,121.5451,1800,,,', '/birthYear'],
      ['b,,,25.0351,121.5451,2030,,,', '/birthYear'],
      ['c,,,91,121.5451,,,,', '/point/latitude'],
      ['d,,,north,121.5451,,,,', '/point/latitude'],
      ['e,,,25.0351,121.5451,,flying,,', '/mobility'],
      ['f,,,25.0351,121.5451,,,shoe_size,', '/consents/0/facts/0'],
      ['g,,,25.0351,121.5451,,,,2026-11:5', '/wallets/0/period'],
      ['h,,,25.0351,121.5451,,,,2026-12:-5', '/wallets/0/amount'],
      ['i,,,25.0351,121.5451,,,,2026-12:5|2026-12:6', '/wallets/1'],
      ['j,,,10,10,,,,', '/areaId'],
      [`k,${UNKNOWN},,25.0351,121.5451,,,,`, '/areaId'],
      ['l,,NOWHERE,25.0351,121.5451,,,,', '/areaCode'],
      [`m,${north},N,25.0351,121.5451,,,,`, '/areaCode'],
      ['n\0,,,25.0351,121.5451,,,,', '/reference'],
      [',,,25.0351,121.5451,,,,', '/reference'],
      ['p,,,25.0351,121.5451', ''],
      ['good-0,,,25.0351,121.5451,,,,', '/reference'],
    ]
    const lines = [header, ...rows.flatMap(([row], at) => [good(at), row])].join('\r\n')
    const first = await report(lines)
    expect(first).toMatchObject({ rows: 2 * rows.length, registered: rows.length, refused: rows.length })
    expect(flawsOf(first)).toEqual(rows.map(([, pointer], at) => [2 * at + 3, pointer]))
    const { root } = api.world.db
    const before = await root.$count(residents)
    const again = await report(lines)
    expect(again).toMatchObject({ registered: 0, existing: rows.length, refused: rows.length })
    expect(again.outcomes.map(({ residentId }) => residentId)).toEqual(
      first.outcomes.map(({ residentId }) => residentId),
    )
    api.world.clock.set('2027-02-01T08:00:00Z')
    expect(await report(lines)).toMatchObject({ registered: 0, existing: rows.length })
    api.world.clock.set('2026-12-01T08:00:00Z')
    expect(await root.$count(residents)).toBe(before)
  })

  it('may be larger than other bodies, and is written in several steps', async () => {
    const comment = 'x'.repeat(150)
    const header = 'reference,latitude,longitude'
    const rows = Array.from(
      { length: 7000 },
      (_, at) => `${at}${comment},${at < 700 ? 25.0351 : 99},121.5451`,
    )
    const body = [header, ...rows].join('\n')
    expect(body.length).toBeGreaterThan(1024 * 1024)
    expect(await report(body)).toMatchObject({ rows: 7000, registered: 700, refused: 6300 })
    const { id, referenceSealed } = (await api.world.db.root.select().from(residents)).at(-1)!
    const seal = createReferenceSeal(api.world.encryptionKey)
    expect(seal.open(id, referenceSealed!)).toBe(`699${comment}`)
  })

  it('is refused whole where it cannot be read at all', async () => {
    const refusals: [string, string | undefined, number, string[]?][] = [
      ['', 'text/csv', 422, ['']],
      ['reference,latitude\n', 'text/csv', 422, ['/longitude']],
      ['reference,latitude,longitude,shoe\n', 'text/csv', 422, ['/shoe']],
      ['reference,latitude,longitude,reference\n', 'text/csv', 422, ['/reference']],
      ['{}', 'application/json', 415],
      ['reference', 'text/plain', 415],
      [`reference,latitude,longitude\n${'a,1,1\n'.repeat(10_001)}`, 'text/csv', 422, ['']],
      ['x'.repeat(16 * 1024 * 1024 + 1), 'text/csv', 413],
    ]
    for (const [body, type, status, pointers] of refusals) {
      const answer = await send(body, type)
      expect([answer.status, answer.type]).toEqual([status, 'application/problem+json'])
      if (pointers)
        expect(answer.body.errors.map((one: { pointer: string }) => one.pointer)).toEqual(pointers)
    }
    expect((await send('reference,latitude,longitude\n', 'text/csv', 'provider')).status).toBe(403)
    // Other addresses keep to JSON and to their limit.
    const elsewhere = await api.request('partner', 'POST', '/v1/residents', {
      body: 'reference',
      headers: { 'content-type': 'text/csv' },
    })
    expect(elsewhere.status).toBe(415)
  })
})
