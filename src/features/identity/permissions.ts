/** Who may do what: one table, action × roles. Reach (whose rows) is each feature's own question. */
import type { Actor, Context } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import type { Role } from './schemas.ts'

const EVERYONE: readonly Role[] = [
  'partner',
  'provider',
  'purchaser.officer',
  'purchaser.finance',
  'supervisor',
  'operator',
]
const PURCHASERS: readonly Role[] = ['purchaser.officer', 'purchaser.finance']

export const PERMISSIONS = {
  'organization.create': ['operator'],
  'organization.read': ['operator', 'supervisor', ...PURCHASERS],
  'principal.create': ['operator'],
  'key.issue': ['operator'],
  'key.revoke': ['operator'],
  'area.create': ['operator'],
  'area.read': EVERYONE,
  'station.create': ['purchaser.officer', 'operator'],
  'station.change': ['purchaser.officer', 'operator'],
  'station.read': EVERYONE,
  'community_group.create': ['purchaser.officer', 'operator'],
  'community_group.change': ['purchaser.officer', 'operator'],
  'community_group.read': EVERYONE,
  'grid_post.set': ['purchaser.officer', 'operator'],
  'grid_team.read': EVERYONE,
  'coverage.read': EVERYONE,
  'policy.adopt': ['purchaser.officer'],
  'policy.read': EVERYONE,
  'program.create': ['purchaser.officer'],
  'program.approve': ['purchaser.finance'],
  'program.open': ['purchaser.officer'],
  'program.read': [...PURCHASERS, 'supervisor', 'operator'],
  'directory.read': EVERYONE,
  'import.start': ['operator', 'provider'],
  'import.read': ['operator', 'provider'],
  'location.create': ['provider'],
  'location.revise': ['provider'],
  'location.read': EVERYONE,
  'offering.publish': ['provider'],
  'offering.read': EVERYONE,
  'offering.revise': ['provider'],
  'offering.withdraw': ['provider'],
  'offering.assure': ['purchaser.officer', 'supervisor', 'operator'],
  'change_request.propose': EVERYONE,
  'change_request.read': EVERYONE,
  'change_request.decide': ['provider', 'operator'],
  'capacity.set': ['provider'],
  'staff_time.set': ['provider'],
  'resident.register': ['partner'],
  'resident.read': ['partner'],
  'resident.correct': ['partner'],
  'resident.export': ['partner'],
  'resident.erase': ['partner'],
  'consent.give': ['partner'],
  'consent.withdraw': ['partner'],
  'consent.read': ['partner'],
  'wallet.top_up': ['partner'],
  'wallet.read': ['partner'],
  'wallet.carry_over': [],
  'need.register': ['partner'],
  'need.read': ['partner'],
  'need.withdraw': ['partner'],
  'need.revise': ['partner'],
  'need.expire': [],
  'option.read': ['partner'],
  'explanation.read': ['partner'],
  'booking.create': ['partner'],
  'run.start': ['purchaser.officer'],
  'run.cancel': PURCHASERS,
  'run.read': [...PURCHASERS, 'supervisor'],
  'run.approve': ['purchaser.finance'],
  'match.exclude': ['purchaser.finance'],
  'referral.read': [...PURCHASERS, 'supervisor', 'provider', 'partner'],
  'referral.open': ['purchaser.finance'],
  'referral.accept': ['provider'],
  'referral.reject': ['provider'],
  'referral.start': ['provider'],
  'referral.hold': ['provider'],
  'referral.resume': ['provider'],
  'referral.complete': ['provider'],
  'referral.cancel': ['partner', 'provider', 'purchaser.officer'],
  'referral.fail': ['provider'],
  'referral.void': ['purchaser.officer'],
  'referral.read_resident': ['provider'],
  'offer.accept': ['partner'],
  'offer.decline': ['partner'],
  'delivery.record': ['provider'],
  'delivery.read': [...PURCHASERS, 'supervisor', 'provider', 'partner'],
  'delivery.confirm': ['partner'],
  'delivery.dispute': ['partner'],
  'action_link.create': ['partner'],
  'feedback.give': ['partner'],
  'feedback.read': [...PURCHASERS, 'supervisor', 'provider', 'partner'],
  'petition.begin': ['partner'],
  'petition.sign': ['partner'],
  'petition.read': EVERYONE,
  'petition.answer': ['provider', 'purchaser.officer'],
  'webhook.create': EVERYONE,
  'webhook.read': EVERYONE,
  'webhook.change': EVERYONE,
  'webhook.delete': EVERYONE,
  'webhook.rotate': EVERYONE,
  'webhook.replay': EVERYONE,
  'event.read': EVERYONE,
  'clock.read': EVERYONE,
  'clock.turn': EVERYONE,
} as const satisfies Record<string, readonly Role[]>

export type Action = keyof typeof PERMISSIONS

/** The system's own hand: jobs and commands that nobody outside asked for. May do everything; has no duties. */
export const SYSTEM: Actor = {
  principalId: '00000000-0000-7000-8000-000000000000',
  organizationId: '00000000-0000-7000-8000-000000000000',
  role: 'system',
  areaId: null,
}

/** Anybody, without a key: reads the directory and nothing else. */
export const PUBLIC: Actor = { ...SYSTEM, role: 'public' }

const OPEN_TO_ALL: ReadonlySet<Action> = new Set(['directory.read'])

/** @throws Refusal `forbidden` when the actor's role may not do this. */
export function permit(ctx: Context, action: Action): void {
  const { role } = ctx.actor
  if (role === SYSTEM.role) return
  if (role === PUBLIC.role && OPEN_TO_ALL.has(action)) return
  if (!(PERMISSIONS[action] as readonly string[]).includes(role)) {
    throw new Refusal('forbidden', `The role ${role} may not do this (${action}).`)
  }
}
