/** What the database holds of one history's world, in one statement, in the words of the model. */
import { sql } from 'drizzle-orm'
import { subsidyCapOwner } from '../../src/features/programs/subsidy-cap.ts'
import type { Db } from '../../src/platform/db/client.ts'
import type { Balance, Model } from './model.ts'
import { PEOPLE, type SmallWorld } from './small-world.ts'

/** The parts that both sides have, as text that can be compared. */
export interface Picture {
  accounts: Record<string, Balance>
  needs: Record<string, string>
  matches: Record<string, string>
  referrals: Record<string, string>
  deliveries: Record<string, string>
  runs: Record<string, string>
  duties: Record<string, string>
  settlements: Record<string, string>
  program: string
}

/** Rows that the model cannot foresee: what a run chose, and the versions that changes must name. */
export interface Found {
  matches: FoundMatch[]
  referrals: { id: string; matchId: string; answerBy: string; version: number }[]
  versions: Map<string, number>
}

export interface FoundMatch {
  id: string
  needId: string
  residentId: string
  offeringId: string
  programId: string | null
  runId: string | null
  quantity: number
  price: number
  subsidy: number
  copayment: number
  state: 'proposed' | 'approved' | 'excluded' | 'released'
  version: number
}

interface Row {
  accounts: { kind: string; owner: string; balance: Balance }[] | null
  needs: { id: string; state: string; version: number }[] | null
  matches: FoundMatch[] | null
  referrals:
    | {
        id: string
        matchId: string
        status: string
        answer: string | null
        answerBy: string
        startedAt: string | null
        stayed: boolean
        version: number
      }[]
    | null
  deliveries:
    | {
        id: string
        units: number
        state: string
        subsidy: number
        copayment: number
        settled: boolean
        version: number
      }[]
    | null
  runs: { id: string; state: string; version: number }[] | null
  duties: { object: string; principal: string; duty: string }[] | null
  settlements: { period: string; subsidy: number; copayment: number }[] | null
  program: { state: string; budget: number; version: number }
}

/** Named, so that the index of accounts helps. */
const KINDS = `'fund', 'wallet', 'subsidy_cap', 'capacity', 'receivable', 'consumed'`

/** A row of a table as an object of these columns. */
const rows = (columns: string, from: string) =>
  sql.raw(`(select jsonb_agg(jsonb_build_object(${columns})) from ${from})`)

export async function observe(db: Db, world: SmallWorld): Promise<{ picture: Picture; found: Found }> {
  const owners = ownersOf(world)
  const list = (ids: readonly string[]) => ids.map((id) => `'${id}'`).join(',')
  const residents = list(world.residentIds)
  const office = world.people.officer.organizationId
  const { rows: answer } = (await db.root.execute(sql`select jsonb_build_object(
    'accounts', ${rows(`'kind', kind, 'owner', owner_id, 'balance', jsonb_build_object('limit', "limit", 'held', held, 'spent', spent, 'incoming', incoming, 'received', received, 'settled', settled)`, `accounts where kind in (${KINDS}) and owner_id in (${list([...owners.keys()])})`)},
    'needs', ${rows(`'id', id, 'state', state, 'version', version`, `needs where resident_id in (${residents})`)},
    'matches', ${rows(`'id', id, 'needId', need_id, 'residentId', resident_id, 'offeringId', offering_id, 'programId', program_id, 'runId', run_id, 'quantity', quantity, 'price', price, 'subsidy', subsidy, 'copayment', copayment, 'state', state, 'version', version`, `matches where offering_id in (${list(world.offeringIds)})`)},
    'referrals', ${rows(`'id', id, 'matchId', match_id, 'status', status, 'answer', resident_answer, 'answerBy', answer_by, 'startedAt', started_at, 'stayed', stayed_at is not null, 'version', version`, `referrals where resident_id in (${residents})`)},
    'deliveries', ${rows(`'id', d.id, 'units', d.units, 'state', d.state, 'subsidy', d.subsidy, 'copayment', d.copayment, 'settled', d.settled_at is not null, 'version', d.version`, `deliveries d join referrals r on r.id = d.referral_id where r.resident_id in (${residents})`)},
    'runs', ${rows(`'id', id, 'state', state, 'version', version`, `match_runs where organization_id = '${office}'`)},
    'duties', ${rows(`'object', object_id, 'principal', principal_id, 'duty', duty`, `duties where object_id = '${world.programId}' or object_id in (select id from match_runs where organization_id = '${office}')`)},
    'settlements', ${rows(`'period', period, 'subsidy', subsidy, 'copayment', copayment`, `settlements where program_id = '${world.programId}'`)},
    'program', (select jsonb_build_object('state', state, 'budget', budget, 'version', version) from programs where id = ${world.programId})
  ) as world`)) as unknown as { rows: { world: Row }[] }
  const row = answer[0]!.world
  return { picture: pictureOfRows(row, world, owners), found: foundIn(row, world) }
}

/** Owner id → what the model calls it. */
function ownersOf(world: SmallWorld): Map<string, string> {
  const owners = new Map<string, string>([[world.programId, 'program']])
  world.offeringIds.forEach((id, index) => {
    owners.set(id, String(index))
  })
  for (const id of world.residentIds) {
    owners.set(id, id)
    owners.set(subsidyCapOwner(world.programId, id), id)
  }
  for (const provider of ['house', 'club'] as const)
    owners.set(world.people[provider].organizationId, provider)
  return owners
}

function pictureOfRows(row: Row, world: SmallWorld, owners: Map<string, string>): Picture {
  const accounts: Picture['accounts'] = {}
  for (const { kind, owner, balance } of row.accounts ?? []) {
    const name = kind === 'subsidy_cap' ? 'cap' : kind
    put(accounts, name === 'fund' ? 'fund' : `${name} ${owners.get(owner)}`, balance)
  }
  const personOf = new Map(PEOPLE.map((person) => [world.people[person].principalId, person]))
  const byId = <T extends { id: string }>(items: T[] | null, text: (item: T) => string) =>
    sorted((items ?? []).map((item) => [item.id, text(item)]))
  return {
    accounts: sorted(Object.entries(accounts)),
    needs: byId(row.needs, ({ state }) => state),
    matches: byId(row.matches, ({ state }) => state),
    referrals: byId(row.referrals, ({ status, answer, startedAt, stayed }) =>
      [status, answer, startedAt !== null, stayed].join(' '),
    ),
    deliveries: byId(row.deliveries, ({ units, state, subsidy, copayment, settled }) =>
      [units, state, subsidy, copayment, settled].join(' '),
    ),
    runs: byId(row.runs, ({ state }) => state),
    duties: sorted(
      (row.duties ?? [])
        .filter(
          ({ object }) => object === world.programId || (row.runs ?? []).some(({ id }) => id === object),
        )
        .map(({ object, principal, duty }) => [`${object} ${personOf.get(principal)}`, duty]),
    ),
    settlements: sorted(
      (row.settlements ?? []).map(({ period, subsidy, copayment }) => [period, `${subsidy} ${copayment}`]),
    ),
    program: `${row.program.state} ${row.program.budget}`,
  }
}

/** The same of the model. */
export function pictureOf(model: Model): Picture {
  const accounts: Picture['accounts'] = {}
  for (const [name, balance] of model.accounts) put(accounts, name, balance)
  const text = <T>(map: Map<string, T>, of: (item: T) => string) =>
    sorted([...map].map(([id, item]) => [id, of(item)]))
  return {
    accounts: sorted(Object.entries(accounts)),
    needs: text(model.needs, ({ state }) => state),
    matches: text(model.matches, ({ state }) => state),
    referrals: text(model.referrals, ({ status, answer, startedAt, stayedAt }) =>
      [status, answer, startedAt !== null, stayedAt !== null].join(' '),
    ),
    deliveries: text(model.deliveries, ({ units, state, amounts, settled }) =>
      [units, state, amounts.fund, amounts.wallet, settled].join(' '),
    ),
    runs: text(model.runs, (state) => state),
    duties: text(model.duties, (duty) => duty),
    settlements: text(model.settlements, ({ subsidy, copayment }) => `${subsidy} ${copayment}`),
    program: `${model.program} ${model.budget}`,
  }
}

/** An account that nothing was ever given from or to is as good as none; receivers have no limit worth comparing. */
function put(accounts: Picture['accounts'], name: string, balance: Balance): void {
  const { limit, ...moved } = balance
  const isEmpty = Object.values(moved).every((amount) => amount === 0)
  if (isEmpty && /^(cap|consumed|receivable)/.test(name)) return
  accounts[name] = { ...balance, limit: /^(consumed|receivable)/.test(name) ? 0 : limit }
}

function sorted<T>(entries: [string, T][]): Record<string, T> {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function foundIn(row: Row, world: SmallWorld): Found {
  const versions = new Map<string, number>([[world.programId, row.program.version]])
  for (const items of [row.needs, row.matches, row.referrals, row.deliveries, row.runs]) {
    for (const { id, version } of items ?? []) versions.set(id, version)
  }
  return { matches: row.matches ?? [], referrals: row.referrals ?? [], versions }
}
