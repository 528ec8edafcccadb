/** What the app was told on the way, and how it says goodbye: everything exported, then everything erased. */
import { answerOf } from '../../openapi/client/client.ts'
import type { AppSide } from './app.ts'
import type { Inbox } from './inbox.ts'
import { eventually, expect, ifMatch, refusalOf } from './transcript.ts'

const WHO = 'App'
const LINE = 130

/** Lists what webhook and stream told of the journey: both the same, every message signed. */
export async function listEvents({ transcript, inbox }: AppSide, ids: ReadonlySet<string>): Promise<void> {
  const told = () => ofJourney(inbox.byStream, ids)
  // What jobs do at the turn of the month comes in no promised order.
  const count = (wanted: string) => told().filter(({ type }) => type === wanted).length
  await eventually(
    'the last event',
    () => (count('wallet.carried_over') === 1 && count('need.expired') === 4) || undefined,
  )
  await eventually('every webhook', () => told().every(({ id }) => inbox.byWebhook.has(id)) || undefined)
  expect(inbox.forged.length === 0, 'every webhook is signed')
  const types = told().map(({ type }) => type)
  transcript.tell(
    WHO,
    `has been told of ${types.length} events, by webhook (each signature checked) and on the stream alike`,
    ...wrapped(byObject(types)),
  )
}

/** Events that name something of the journey, in the order of the stream. */
function ofJourney(events: Inbox['byStream'], ids: ReadonlySet<string>) {
  return [...events.values()].filter(({ data }) =>
    Object.values(data).some((value) => typeof value === 'string' && ids.has(value)),
  )
}

/** By object, as they first came: `referral opened × 4, accepted × 2`. */
function byObject(types: readonly string[]): string {
  const objects = new Map<string, Map<string, number>>()
  for (const type of types) {
    const [object, happening] = type.split('.') as [string, string]
    const counts = objects.get(object) ?? new Map<string, number>()
    objects.set(object, counts.set(happening, (counts.get(happening) ?? 0) + 1))
  }
  const words = (counts: Map<string, number>) =>
    [...counts].map(([happening, count]) => (count > 1 ? `${happening} × ${count}` : happening)).join(', ')
  return [...objects].map(([object, counts]) => `${object} ${words(counts)}`).join('; ')
}

/** Broken between two objects where a line gets long. */
function wrapped(text: string): string[] {
  const lines: string[] = []
  for (const part of text.split('; ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + part.length < LINE) lines[lines.length - 1] = `${line}; ${part}`
    else lines.push(part)
  }
  return lines
}

/** Everything that is held of her, as one file. */
export async function exportAll({ client, transcript }: AppSide, residentId: string): Promise<void> {
  const held = await answerOf(
    client.GET('/v1/residents/{id}/export', { params: { path: { id: residentId } } }),
  )
  const { needs, consents, referrals, deliveries, feedback } = held
  transcript.tell(
    WHO,
    'asks for everything that is held of her',
    `one file: ${needs.length} needs, ${consents.length} consents, ${referrals.length} referrals, ${deliveries.length} delivery, ${feedback.length} feedback, and all events`,
  )
}

/** Erases her; afterwards there is nobody of that name. */
export async function erase({ client, transcript }: AppSide, residentId: string): Promise<void> {
  const path = { id: residentId }
  const resident = await answerOf(client.GET('/v1/residents/{id}', { params: { path } }))
  const receipt = await answerOf(
    client.DELETE('/v1/residents/{id}', { params: { path, header: ifMatch(resident) } }),
  )
  const gone = await refusalOf('not_found', client.GET('/v1/residents/{id}', { params: { path } }))
  const again = await answerOf(client.GET('/v1/erasures/{id}', { params: { path: { id: receipt.id } } }))
  expect(again.audit !== null, 'the receipt names its entry in the audit log')
  const kinds = Object.values(receipt.erased).filter((count) => count > 0).length
  transcript.tell(
    WHO,
    'erases her',
    `a receipt over ${kinds} kinds of rows, with its place in the audit log; reading her again: ${gone.status} ${gone.code}`,
  )
}
