/** What is logged of an error: where and why, never of whom. */
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { residents } from '../../src/features/residents/tables.ts'
import { createLogger } from '../../src/platform/telemetry.ts'
import { engines, openTestDb, type TestWorld } from '../support/test-world.ts'

const CANARY = 'canary-4711'

/** A logger whose lines are kept. */
function listening() {
  const lines: string[] = []
  const log = createLogger('trace', { write: (line) => lines.push(line) })
  return { log, said: () => lines.join('') }
}

const thrownBy = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error,
  )

describe.each(engines())('a failed statement on %s', (rung) => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb(rung)
    await world.db.root.execute(sql`create table told (word text unique, number integer not null)`)
    await world.db.root.execute(sql`insert into told values (${CANARY}, 1)`)
  })
  afterAll(() => world.close())

  const FAILURES: Record<string, (db: TestWorld['db']) => Promise<unknown>> = {
    'a column that is not there': (db) =>
      db.root.execute(sql`select nothing from told where word = ${CANARY}`),
    'a value of another type': (db) => db.root.execute(sql`select ${CANARY}::text::integer`),
    'a date that is none': (db) => db.root.execute(sql`select ${`${CANARY}-99-99`}::text::date`),
    'a word that is taken': (db) => db.root.execute(sql`insert into told values (${CANARY}, 2)`),
    'a row without its number': (db) => db.root.execute(sql`insert into told values (${`${CANARY}!`}, null)`),
    'an insert of our own': (db) =>
      db.root.insert(residents).values({
        id: CANARY,
        organizationId: CANARY,
        areaId: CANARY,
        languages: [CANARY],
        createdAt: new Date(0),
      }),
    'a transaction': (db) => db.transaction((tx) => tx.execute(sql`insert into told values (${CANARY}, 3)`)),
  }

  it.each(Object.keys(FAILURES))('is logged without its values: %s', async (name) => {
    const error = await thrownBy(FAILURES[name]!(world.db))
    expect(JSON.stringify(everythingOf(error))).toContain(CANARY)
    const { log, said } = listening()
    log.error({ err: error }, 'it failed')
    log.child({ job: 'work' }).warn({ err: error, attempt: 1 }, 'it failed again')
    expect(said()).not.toContain(CANARY)
    expect(said()).toContain('telemetry.test.ts')
  })

  it('says what the database said of it', async () => {
    const error = await thrownBy(FAILURES['a word that is taken']!(world.db))
    const { log, said } = listening()
    log.error({ err: error }, 'it failed')
    const { err } = JSON.parse(said())
    expect(err.message).toMatch(/^Failed query: insert into told/)
    expect(err.cause).toMatchObject({ code: '23505', constraint: 'told_word_key', table: 'told' })
  })
})

/** The error with all that it carries, in its causes too. */
function everythingOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const names = Object.getOwnPropertyNames(error)
  return names.map((name) => everythingOf((error as unknown as Record<string, unknown>)[name]))
}

describe('a logged error', () => {
  it('keeps what is said of it, and the causes one after the other', () => {
    const { log, said } = listening()
    const cause = new TypeError('it is nothing', { cause: 'weather' })
    log.error({ err: new Error('it failed', { cause }) }, 'told')
    const { err } = JSON.parse(said())
    expect(err).toMatchObject({
      type: 'Error',
      message: 'it failed',
      cause: { type: 'TypeError', message: 'it is nothing', cause: { type: 'string', message: 'weather' } },
    })
    expect(err.stack[0]).toMatch(/^\s+at /)
  })

  it('is one of several', () => {
    const { log, said } = listening()
    log.error({ err: new AggregateError([new Error('one'), new Error('two')], 'both failed') })
    const { err } = JSON.parse(said())
    expect(err.errors.map(({ message }: { message: string }) => message)).toEqual(['one', 'two'])
  })

  it('is no text that could not be read', () => {
    const { log, said } = listening()
    try {
      JSON.parse(`${CANARY} {`)
    } catch (err) {
      log.error({ err })
      log.error(err)
    }
    expect(said()).toContain('SyntaxError')
    expect(said()).not.toContain('canary')
  })

  it('ends, also where it is its own cause', () => {
    const error = new Error('round')
    error.cause = error
    const { log, said } = listening()
    log.error({ err: error })
    expect(said()).toContain('round')
  })
})
