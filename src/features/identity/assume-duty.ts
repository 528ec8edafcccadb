import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { bodyOf, isDualBody } from './bodies.ts'
import { DUTY_ROLES, PURCHASING } from './duty-roles.ts'
import { SYSTEM } from './permissions.ts'
import type { Duty } from './schemas.ts'
import { duties, organizations, principals } from './tables.ts'

interface Held {
  principalId: string
  organizationId: string
  duty: Duty
  body: string
}

/**
 * Takes a duty on an object for the actor. The primary key and the triggers of `duties` are what keeps duties apart;
 * this explains their refusals.
 * @throws Refusal `duty_conflict` when the actor has another duty on the object or the role does not have this one,
 *   when its body purchases what it would supervise, or when a body that also provides would approve for itself.
 */
export async function assumeDuty(ctx: TransactionContext, objectId: string, duty: Duty): Promise<void> {
  const { principalId, role } = ctx.actor
  if (principalId === SYSTEM.principalId) return
  const held = await dutiesOn(ctx, objectId)
  const own = held.find((one) => one.principalId === principalId)
  if (own && own.duty !== duty) {
    throw refusal(`You already have the duty to ${own.duty} here; another person must ${duty} it.`, own.duty)
  }
  if (DUTY_ROLES[duty] !== role) {
    throw refusal(`The duty to ${duty} belongs to the role ${DUTY_ROLES[duty]}, not to ${role}.`)
  }
  // Also of who has the duty already: bodies change.
  await requireOtherBody(ctx, held, duty)
  if (own) return
  await ctx.tx.insert(duties).values({ objectId, principalId, duty, at: ctx.clock() })
}

async function dutiesOn(ctx: TransactionContext, objectId: string): Promise<Held[]> {
  return ctx.tx
    .select({
      principalId: duties.principalId,
      organizationId: principals.organizationId,
      duty: duties.duty,
      body: bodyOf,
    })
    .from(duties)
    .innerJoin(principals, eq(principals.id, duties.principalId))
    .innerJoin(organizations, eq(organizations.id, principals.organizationId))
    .where(eq(duties.objectId, objectId))
}

async function requireOtherBody(ctx: TransactionContext, held: readonly Held[], duty: Duty): Promise<void> {
  if (held.length === 0) return
  const [own] = await ctx.tx
    .select({ body: bodyOf })
    .from(organizations)
    .where(eq(organizations.id, ctx.actor.organizationId))
  const ofOwnBody = held.filter(({ body }) => body === own?.body)
  const apart = duty === 'supervise' ? PURCHASING : (['supervise'] as const)
  const clash = ofOwnBody.find((one) => (apart as readonly Duty[]).includes(one.duty))
  if (clash) {
    throw refusal('A body does not supervise what it purchases: another body must.', clash.duty)
  }
  const creator = ofOwnBody.find((one) => one.duty === 'create')
  if (duty === 'approve' && creator && (await isDualBody(ctx, creator.organizationId))) {
    throw refusal('Your body also provides services: a second body must approve what it purchases.')
  }
}

function refusal(sentence: string, held?: Duty): Refusal {
  return new Refusal('duty_conflict', sentence, held ? { facts: { held } } : {})
}
