import { Refusal } from '../../platform/errors.ts'
import type { WebhookRow } from './get-webhook.ts'

/** @throws Refusal `state_conflict` while the webhook is disabled. */
export function requireEnabled({ state, disabledReason }: WebhookRow): void {
  if (state === 'enabled') return
  throw new Refusal('state_conflict', 'The webhook is disabled: enable it first.', {
    facts: { state, disabledReason },
  })
}
