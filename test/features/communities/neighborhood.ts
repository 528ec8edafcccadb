/** A district with two communities, two providers and two partners: what a test of tenancy needs. */
import { createArea } from '../../../src/features/communities/create-area.ts'
import { createOrganization } from '../../../src/features/identity/create-organization.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import type { Context } from '../../../src/platform/context.ts'
import { Refusal } from '../../../src/platform/errors.ts'
import { openTestDb, type Rung, type TestWorld } from '../../support/test-world.ts'

export interface Neighborhood extends TestWorld {
  system: Context
  operator: Context
  provider: Context
  otherProvider: Context
  partner: Context
  otherPartner: Context
  purchaser: Context
  areas: { district: string; north: string; south: string }
}

export async function openNeighborhood(rung?: Rung): Promise<Neighborhood> {
  const world = await openTestDb(rung)
  const operator = world.context({ role: 'operator' })
  const organization = async (kind: 'provider' | 'partner' | 'purchaser', name: string) => {
    const sector = kind === 'provider' ? 'ngo' : null
    return (await createOrganization(operator, { kind, name, sector })).id
  }
  const actor = async (kind: 'provider' | 'partner' | 'purchaser', name: string) =>
    world.context({
      role: kind === 'purchaser' ? 'purchaser.officer' : kind,
      organizationId: await organization(kind, name),
    })
  const district = (await createArea(operator, { kind: 'district', code: 'D', name: 'District' })).id
  const community = async (code: string) =>
    (await createArea(operator, { kind: 'community', code, name: code, parentId: district })).id
  return {
    ...world,
    system: world.context(SYSTEM),
    operator,
    provider: await actor('provider', 'Care House'),
    otherProvider: await actor('provider', 'Other House'),
    partner: await actor('partner', 'App'),
    otherPartner: await actor('partner', 'Other App'),
    purchaser: await actor('purchaser', 'Office'),
    areas: { district, north: await community('N'), south: await community('S') },
  }
}

/** The refusal that the work ends in: its code, and the pointers of the flawed fields. */
export async function refusalOf(work: Promise<unknown>): Promise<{
  code: string
  pointers: string[]
  facts: Record<string, unknown>
}> {
  const thrown = await work.then(
    () => new Error('it was not refused'),
    (error: unknown) => error,
  )
  if (!(thrown instanceof Refusal)) throw thrown
  const { code, errors, facts } = thrown
  return { code, pointers: errors.map((error) => error.pointer), facts }
}
