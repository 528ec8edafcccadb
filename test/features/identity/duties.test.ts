/** Duties in the database: every pair × every role, whoever writes the rows and however many at once. */
import { eq, type SQL, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assumeDuty } from '../../../src/features/identity/assume-duty.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { Duty, Role } from '../../../src/features/identity/schemas.ts'
import { duties, organizations, principals } from '../../../src/features/identity/tables.ts'
import { policies } from '../../../src/features/policies/tables.ts'
import { programs } from '../../../src/features/programs/tables.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { databaseErrorOf } from '../../../src/platform/db/database-errors.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { employ, foundTown, organize, PERIOD, proposeRun, type Town } from '../referrals/proposed-run.ts'

/** Who may have which duty, in the words of the law and not of the code. */
const MAY: Record<Role, Record<Duty, boolean>> = {
  partner: { create: false, approve: false, settle: false, supervise: false },
  provider: { create: false, approve: false, settle: false, supervise: false },
  'purchaser.officer': { create: true, approve: false, settle: false, supervise: false },
  'purchaser.finance': { create: false, approve: true, settle: true, supervise: false },
  supervisor: { create: false, approve: false, settle: false, supervise: true },
  operator: { create: false, approve: false, settle: false, supervise: false },
}

const PAIRS = Duty.options.flatMap((first) => Duty.options.map((second) => [first, second] as const))

/** The constraint that the work meets; null where it meets none. */
async function constraintMet(work: PromiseLike<unknown>): Promise<string | null> {
  try {
    await work
    return null
  } catch (error) {
    const met = databaseErrorOf(error)
    if (!met?.constraint) throw error
    return met.constraint
  }
}

describe.each(engines())('duties on %s', (rung) => {
  let world: TestWorld
  let town: Town
  /** Somebody of every role; whoever purchases is of the town's office. */
  let people: Record<Role, Actor>
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
    const { officer, finance, partner, provider, supervisor } = town
    const operator = await hire('operator', await found('operator'))
    const purchasers = { 'purchaser.officer': officer, 'purchaser.finance': finance }
    people = { partner, provider, ...purchasers, supervisor, operator }
  })
  afterAll(() => world.close())

  const found = (kind: Parameters<typeof organize>[1]) =>
    inTransaction(world.context(SYSTEM), (ctx) => organize(ctx, kind))
  const hire = (role: Role, organizationId: string) =>
    inTransaction(world.context(SYSTEM), (ctx) => employ(ctx, organizationId, role))
  const anObject = () => world.context().newId()
  const take = (objectId: string, { principalId }: Pick<Actor, 'principalId'>, duty: Duty) =>
    constraintMet(
      world.db.root.insert(duties).values({ objectId, principalId, duty, at: world.clock.read() }),
    )
  const run = (statement: SQL) => constraintMet(world.db.root.execute(statement))
  const change = (organizationId: string, set: Partial<typeof organizations.$inferInsert>) =>
    constraintMet(world.db.root.update(organizations).set(set).where(eq(organizations.id, organizationId)))
  const holders = async (objectId: string) => {
    const rows = await world.db.root.select().from(duties).where(eq(duties.objectId, objectId))
    return rows.map(({ principalId, duty }) => ({ principalId, duty }))
  }

  describe.each(Role.options)('of a %s', (role) => {
    it.each(PAIRS)('%s, then %s on the same object: never both', async (first, second) => {
      const objectId = anObject()
      const person = people[role]
      const [mayFirst, maySecond] = [MAY[role][first], MAY[role][second]]
      expect(await take(objectId, person, first)).toBe(mayFirst ? null : 'duties_of_role')
      const both = mayFirst ? 'duties_one_per_person' : null
      expect(await take(objectId, person, second)).toBe(maySecond ? both : 'duties_of_role')
      const { principalId } = person
      const held = mayFirst ? [first] : maySecond ? [second] : []
      expect(await holders(objectId)).toEqual(held.map((duty) => ({ principalId, duty })))
    })

    it.each(PAIRS)('%s, then %s: explained to whoever asks', async (first, second) => {
      const objectId = anObject()
      const assume = (duty: Duty) =>
        inTransaction(world.context(people[role]), (ctx) => assumeDuty(ctx, objectId, duty)).then(
          () => 'taken',
          ({ code, message }) => `${code}: ${message}`,
        )
      const ofRole = /^duty_conflict: The duty to \w+ belongs to the role [\w.]+, not to [\w.]+\.$/
      const refusal =
        MAY[role][first] && first !== second ? /^duty_conflict: You already have the duty/ : ofRole
      expect(await assume(first)).toMatch(MAY[role][first] ? /^taken$/ : ofRole)
      const again = MAY[role][second] && (first === second || !MAY[role][first])
      expect(await assume(second)).toMatch(again ? /^taken$/ : refusal)
    })

    it.each(Duty.options)('to %s beside what others have', async (duty) => {
      const objectId = anObject()
      const natural = Role.options.filter((other) =>
        Duty.options.some((one) => MAY[other][one] && one !== duty),
      )
      for (const other of natural.filter((other) => other !== role)) {
        const theirs = Duty.options.find((one) => MAY[other][one] && one !== duty)!
        expect(await take(objectId, people[other], theirs)).toBeNull()
      }
      expect(await take(objectId, people[role], duty)).toBe(MAY[role][duty] ? null : 'duties_of_role')
    })
  })

  it('are nobody’s who is no person: not the system’s own hand’s, not a stranger’s', async () => {
    for (const principalId of [SYSTEM.principalId, anObject()]) {
      for (const duty of Duty.options)
        expect(await take(anObject(), { principalId }, duty)).toBe('duties_of_role')
    }
  })

  it('are refused as duties also where a verb has overlooked something', async () => {
    const objectId = anObject()
    const taking = (person: Actor, duty: Duty) => {
      const row = { objectId, principalId: person.principalId, duty, at: world.clock.read() }
      return world.db.transaction((tx) => tx.insert(duties).values(row))
    }
    await taking(town.finance, 'approve')
    for (const [person, duty, sentence] of [
      [town.finance, 'settle', 'The same person already holds another duty on this object.'],
      [town.officer, 'settle', 'The duty does not belong to the role of this person.'],
    ] as const) {
      await expect(taking(person, duty)).rejects.toMatchObject({ code: 'duty_conflict', message: sentence })
    }
  })

  it('stay as they were taken, and with whom', async () => {
    const objectId = anObject()
    const finance = await hire('purchaser.finance', town.finance.organizationId)
    await take(objectId, finance, 'approve')
    const other = await found('purchaser')
    for (const [statement, met] of [
      [sql`update duties set duty = 'settle' where object_id = ${objectId}`, 'duties_append_only'],
      [sql`delete from duties where object_id = ${objectId}`, 'duties_append_only'],
      [sql`truncate duties`, 'duties_append_only'],
      [sql`truncate principals cascade`, 'duties_append_only'],
      [
        sql`update principals set role = 'purchaser.officer' where id = ${finance.principalId}`,
        'principals_duties_stay',
      ],
      [
        sql`update principals set organization_id = ${other} where id = ${finance.principalId}`,
        'principals_duties_stay',
      ],
    ] as const) {
      expect(await run(statement)).toBe(met)
    }
    expect(await holders(objectId)).toEqual([{ principalId: finance.principalId, duty: 'approve' }])
    const free = await hire('purchaser.finance', town.finance.organizationId)
    expect(
      await run(sql`update principals set role = 'purchaser.officer' where id = ${free.principalId}`),
    ).toBeNull()
  })

  it('are apart by bodies: none supervises what it purchases, in either order', async () => {
    const office = town.officer.organizationId
    const watch = await found('supervisor')
    const part = await found('purchaser')
    const watcher = await hire('supervisor', watch)
    const deputies = {
      create: await hire('purchaser.officer', part),
      approve: await hire('purchaser.finance', part),
      settle: await hire('purchaser.finance', part),
    }
    expect(await change(watch, { bodyId: office })).toBeNull()
    expect(await change(part, { bodyId: office })).toBeNull()
    for (const duty of ['create', 'approve', 'settle'] as const) {
      const [purchased, supervised] = [anObject(), anObject()]
      expect(await take(purchased, deputies[duty], duty)).toBeNull()
      expect(await take(purchased, watcher, 'supervise')).toBe('duties_supervisor_apart')
      expect(await take(purchased, town.supervisor, 'supervise')).toBeNull()
      expect(await take(supervised, watcher, 'supervise')).toBeNull()
      expect(await take(supervised, deputies[duty], duty)).toBe('duties_supervisor_apart')
    }
  })

  it('are apart when bodies change: whoever supervises does not join whom it supervised', async () => {
    const [office, watch, part] = [
      await found('purchaser'),
      await found('supervisor'),
      await found('purchaser'),
    ]
    const objectId = anObject()
    expect(await take(objectId, await hire('purchaser.officer', part), 'create')).toBeNull()
    expect(await take(objectId, await hire('supervisor', watch), 'supervise')).toBeNull()
    expect(await change(watch, { bodyId: part })).toBe('duties_supervisor_apart')
    expect(await change(part, { bodyId: watch })).toBe('duties_supervisor_apart')
    expect(await change(watch, { bodyId: office })).toBeNull()
    expect(await change(part, { bodyId: office })).toBe('duties_supervisor_apart')
    const both = sql`update organizations set body_id = ${await found('operator')} where id in (${watch}, ${part})`
    expect(await run(both)).toBe('duties_supervisor_apart')
  })

  it('need a second body where the first also provides', async () => {
    const [office, home, second] = [
      await found('purchaser'),
      await found('provider'),
      await found('purchaser'),
    ]
    const officer = await hire('purchaser.officer', office)
    const [finance, settler] = [
      await hire('purchaser.finance', office),
      await hire('purchaser.finance', office),
    ]
    const other = await hire('purchaser.finance', second)
    const drafted = async () => {
      const objectId = anObject()
      expect(await take(objectId, officer, 'create')).toBeNull()
      return objectId
    }
    expect(await take(await drafted(), finance, 'approve')).toBeNull()
    expect(await change(home, { bodyId: office })).toBeNull()
    const objectId = await drafted()
    expect(await take(objectId, finance, 'approve')).toBe('duties_second_body')
    expect(await take(objectId, other, 'approve')).toBeNull()
    expect(await take(objectId, settler, 'settle')).toBeNull()
    // The other way round: who approved first is as much of the body.
    const approved = anObject()
    expect(await take(approved, finance, 'approve')).toBeNull()
    expect(await take(approved, officer, 'create')).toBe('duties_second_body')
  })

  it('rest on bodies that hold together', async () => {
    const [office, part, home] = [await found('purchaser'), await found('purchaser'), await found('provider')]
    expect(await change(part, { bodyId: office })).toBeNull()
    for (const [id, set, met] of [
      [home, { bodyId: home }, 'organizations_part_of_part'],
      [home, { bodyId: part }, 'organizations_part_of_part'],
      [office, { bodyId: home }, 'organizations_part_of_part'],
      [home, { secondBodyId: office }, 'organizations_second_body'],
      [office, { secondBodyId: home }, 'organizations_second_body'],
      [office, { secondBodyId: part }, 'organizations_second_body'],
      [part, { secondBodyId: office }, 'organizations_second_body'],
      [office, { secondBodyId: office }, 'organizations_second_body'],
      [office, { bodyId: home, secondBodyId: office }, 'organizations_part_of_part'],
      [part, { bodyId: home, secondBodyId: part }, 'organizations_second_body'],
      [home, { kind: 'partner', sector: null }, 'organizations_kind_stays'],
    ] as const) {
      expect([id, set, await change(id, set)]).toEqual([id, set, met])
    }
    const apart = await found('purchaser')
    expect(await change(office, { secondBodyId: apart })).toBeNull()
    expect(await change(apart, { bodyId: office })).toBe('organizations_second_body')
    const born = { id: anObject(), kind: 'purchaser', name: 'Born', createdAt: world.clock.read() } as const
    const begin = (more: object) =>
      constraintMet(world.db.root.insert(organizations).values({ ...born, ...more }))
    expect(await begin({ bodyId: part })).toBe('organizations_part_of_part')
    expect(await begin({ bodyId: office, secondBodyId: part })).toBe('organizations_second_body')
    expect(await begin({ bodyId: office, secondBodyId: apart })).toBeNull()
  })

  it('are what approvals rest on, also of whoever writes the state', async () => {
    const { organizationId } = town.officer
    const draft = (state: typeof programs.$inferInsert.state) => ({
      id: anObject(),
      organizationId,
      areaId: town.areaId,
      period: PERIOD,
      name: 'Fund',
      categories: [],
      tiers: [],
      budget: 1,
      currency: 'TWD',
      subsidyShare: 5000,
      state,
      createdAt: world.clock.read(),
    })
    const program = draft('submitted')
    await world.db.root.insert(programs).values(program)
    const { runId } = await proposeRun(world, town, 1)
    const [policy] = await world.db.root.select().from(policies)
    const drafted = { ...policy!, id: anObject(), number: 99, state: 'draft' as const, adoptedAt: null }
    await world.db.root.insert(policies).values(drafted)
    const copied = sql`insert into match_runs select (jsonb_populate_record(r, ${JSON.stringify({ id: anObject(), state: 'approved' })}::jsonb)).*
      from match_runs r where id = ${runId}`
    const forged = [
      [sql`update programs set state = 'approved' where id = ${program.id}`, 'programs_duty'],
      [sql`update programs set state = 'open' where id = ${program.id}`, 'programs_duty'],
      [sql`update match_runs set state = 'approved' where id = ${runId}`, 'match_runs_duty'],
      [copied, 'match_runs_duty'],
    ] as const
    for (const [statement, met] of forged) expect(await run(statement)).toBe(met)
    for (const state of ['approved', 'open', 'frozen'] as const) {
      expect(await constraintMet(world.db.root.insert(programs).values(draft(state)))).toBe('programs_duty')
    }
    const adopted = sql`update policies set state = 'adopted', adopted_at = now() where id = ${drafted.id}`
    expect(await run(adopted)).toBe('policies_duty')
    // Another duty than the one that is needed does not do either.
    expect(await take(program.id, town.officer, 'create')).toBeNull()
    expect(await run(forged[0][0])).toBe('programs_duty')
    expect(await take(program.id, town.finance, 'approve')).toBeNull()
    expect(await run(forged[0][0])).toBeNull()
    const amended = (principalId: string) =>
      run(
        sql`insert into program_amendments values (${anObject()}, ${program.id}, ${principalId}, 1, 2, 'More', now())`,
      )
    expect(await amended(town.officer.principalId)).toBe('program_amendments_duty')
    expect(await amended(town.finance.principalId)).toBeNull()
  })

  it('are taken in the present: a transaction that looks at the past takes none', async () => {
    const taking = world.db.transaction(async (tx) => {
      await tx.execute(sql`set transaction isolation level repeatable read`)
      const { principalId } = town.officer
      await tx.insert(duties).values({ objectId: anObject(), principalId, duty: 'create', at: new Date(0) })
    })
    expect(await constraintMet(taking)).toBe('duties_of_now')
  })

  it.runIf(rung === 'postgres')('are apart however many sessions take them at once', async () => {
    const [office, watch] = [await found('purchaser'), await found('supervisor')]
    const officer = await hire('purchaser.officer', office)
    const watcher = await hire('supervisor', watch)
    await change(watch, { bodyId: office })
    /** Both are written before either is committed, or one waits for the other. */
    const atOnce = async (...statements: SQL[]) => {
      const met = statements.map((statement) =>
        constraintMet(
          world.db.transaction(async (tx) => {
            await tx.execute(statement)
            await tx.execute(sql`select pg_sleep(0.03)`)
          }),
        ),
      )
      return (await Promise.all(met)).filter((one) => one !== null)
    }
    const taking = (objectId: string, { principalId }: Actor, duty: Duty) =>
      sql`insert into duties values (${objectId}, ${principalId}, ${duty}, now())`
    for (let round = 0; round < 5; round++) {
      const objectId = anObject()
      const clash = [taking(objectId, officer, 'create'), taking(objectId, watcher, 'supervise')]
      expect(await atOnce(...clash)).toEqual(['duties_supervisor_apart'])
      const finance = await hire('purchaser.finance', office)
      const own = [taking(objectId, finance, 'approve'), taking(objectId, finance, 'settle')]
      // Whoever supervises by now may have been first.
      expect(await atOnce(...own)).toHaveLength((await holders(objectId)).length === 1 ? 2 : 1)
      // A body, or a role, that changes while a duty is taken.
      const [apart, joining] = [anObject(), await found('supervisor')]
      const newcomer = await hire('supervisor', joining)
      await take(apart, officer, 'create')
      const join = sql`update organizations set body_id = ${office} where id = ${joining}`
      expect(await atOnce(taking(apart, newcomer, 'supervise'), join)).toEqual(['duties_supervisor_apart'])
      const turned = await hire('purchaser.finance', office)
      const turn = sql`update principals set role = 'purchaser.officer' where id = ${turned.principalId}`
      const [met, ...more] = await atOnce(taking(anObject(), turned, 'approve'), turn)
      expect(more).toEqual([])
      expect(['principals_duties_stay', 'duties_of_role']).toContain(met)
    }
    const [row] = await world.db.root.select().from(principals).where(eq(principals.id, officer.principalId))
    expect(row!.role).toBe('purchaser.officer')
  })
})
