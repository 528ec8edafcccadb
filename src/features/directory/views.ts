/**
 * How much of what hangs together stands in one answer. HSDS nests a record's details below it, and leaves out the way
 * back: a service shows its organization, but not that organization's services.
 */
import { KINDS } from './kinds.ts'
import type { RecordKind } from './record.ts'

/** Whether the collection or reference `name` of a `kind` is nested. */
export type View = (kind: RecordKind, name: string) => boolean

const WAYS_BACK: Partial<Record<RecordKind, string[]>> = {
  service: ['organization.services', 'service_at_location.service'],
  service_at_location: ['organization.services', 'service.service_at_locations'],
  organization: ['service.organization', 'service_at_location.service'],
}

/** Everything below a record of this kind. `services`: an organization's services too. */
export function fullView(root: RecordKind, { services = true }: { services?: boolean } = {}): View {
  const left = new Set(WAYS_BACK[root] ?? [])
  if (root === 'organization' && !services) left.add('organization.services')
  return (kind, name) => !left.has(`${kind}.${name}`)
}

/** An organization with everything below it, and of its services what a list shows. */
export const organizationView: View = (kind, name) =>
  kind === 'service' ? name === 'program' : fullView('organization')(kind, name)

const LISTED = new Set([
  'service.organization',
  'service.program',
  'service_at_location.location',
  'service_at_location.service',
  'taxonomy_term.taxonomy_detail',
  'service_capacity.unit',
])

/** What a list shows of each: the record itself, and the one each of its main links names. */
export const listView: View = (kind, name) => LISTED.has(`${kind}.${name}`)

/** The references and collections of a kind that a view follows. */
export function followed(view: View, kind: RecordKind) {
  const { one, many } = KINDS[kind]
  return {
    one: Object.entries(one).filter(([name]) => view(kind, name)),
    many: Object.entries(many).filter(([name]) => view(kind, name)),
  }
}
