/** Which events may change what the index holds: by the object they are about, the word before the dot. */

/** Name the offering, or what it belongs to. */
const ONE = new Set(['offering', 'service', 'location'])

/** Change what questions are read with, and no offering. */
const SURROUNDINGS = new Set(['area', 'areas', 'policy'])

/** Change nothing that is searched for or shown. Free capacity is looked up in the ledger. */
const NONE = new Set([
  'attempt',
  'principal',
  'key',
  'station',
  'community_group',
  'grid_post',
  'capacity',
  'change_request',
  'change_requests',
  'policy_comment',
  'policy_vote',
  'program',
  'staff_time',
  'resident',
  'residents',
  'consent',
  'wallet',
  'need',
  'needs',
  'run',
  'simulation',
  'match',
  'place',
  'referral',
  'booking',
  'offer',
  'delivery',
  'dispute',
  'period',
  'cool_off',
  'action_link',
  'feedback',
  'petition',
  'inspection',
  'finding',
  'complaint',
  'appeal',
  'grievance',
  'suspension',
  'suspended_referral',
  'webhook',
  'clock',
])

export interface Touched {
  /** Offerings, services, locations to read again. */
  ids: Set<string>
  /** Whether anything may have changed, so that everything is compared. */
  everything: boolean
  /** Whether areas or the policy may have changed. */
  surroundings: boolean
}

/** What to read again after these events. What is not known here may have changed anything: slow, never wrong. */
export function touchedBy(happened: readonly { type: string; objectId: string }[]): Touched {
  const touched: Touched = { ids: new Set(), everything: false, surroundings: false }
  for (const { type, objectId } of happened) {
    const object = type.slice(0, type.indexOf('.'))
    // A new organization has no offerings; the name of an old one stands in many.
    if (NONE.has(object) || type === 'organization.created') continue
    if (ONE.has(object)) touched.ids.add(objectId)
    else if (SURROUNDINGS.has(object)) touched.surroundings = true
    else touched.everything = touched.surroundings = true
  }
  return touched
}
