/** The pages behind action links, as text. They tell of the service; of the resident, nothing. */
import { type Html, html, type PageContent } from '../../platform/http/html-page.ts'
import { formatMoney } from '../../platform/money.ts'
import { localTime } from '../../platform/time-zone.ts'
import type { Hours, Weekday } from '../catalog/hours.ts'
import { DisputeReason } from './delivery-schemas.ts'
import { LANGUAGES, type Language, type LinkWords, WORDS } from './link-words.ts'
import type { LinkView } from './read-action-link.ts'
import { type LinkAction, RefusalReason } from './schemas.ts'

/** In what a page is written. */
export interface Manner {
  language: Language
  currency: string
  timeZone: string
}

/** The page that asks; where there is nothing left to answer, the one that says what became of it. */
export function linkPage(view: LinkView, manner: Manner, { reasonMissing = false } = {}): PageContent {
  const { language } = manner
  const words = WORDS[language]
  if (view.actions.length === 0) return endPage(language, words.nothingToDo, [becameOf(view, words)])
  const forms = view.actions.map((action) => form(action, language, words))
  const main = html`${languageLinks(language)}
${reasonMissing ? html`<p role="alert"><strong>${words.chooseReason}</strong></p>` : ''}
${facts(view, manner, words)}
${forms}`
  return { language, title: view.delivery ? words.delivered : words.offered, main }
}

/** After the click. */
export function thanksPage(action: LinkAction, language: Language): PageContent {
  const { thanks, done, closeNow } = WORDS[language]
  return endPage(language, thanks, [done[action], closeNow])
}

/** A link that does nothing, or nothing any more. */
export function deadPage(over: keyof LinkWords['over'], language: Language): PageContent {
  const words = WORDS[language]
  return endPage(language, over === 'used' ? words.thanks : words.sorry, [words.over[over]])
}

function endPage(language: Language, title: string, sentences: readonly string[]): PageContent {
  return { language, title, main: html`${sentences.map((sentence) => html`<p>${sentence}</p>`)}` }
}

function becameOf({ offer, delivery }: LinkView, words: LinkWords): string {
  if (delivery) return words.deliveryAnswered
  const { status, statusReason, residentAnswer } = offer
  if (statusReason === 'no_answer') return words.noAnswer
  if (residentAnswer === 'accepted' && ['requested', 'accepted'].includes(status)) return words.accepted
  return words.statuses[status]
}

function languageLinks(language: Language): Html {
  const others = LANGUAGES.filter((other) => other !== language)
  return html`<nav>${others.map((other) => html`<a href="?lang=${other}" lang="${other}">${WORDS[other].name}</a> `)}</nav>`
}

function facts(view: LinkView, { currency, timeZone }: Manner, words: LinkWords): Html {
  const { delivery } = view
  const count = `${delivery?.units ?? view.quantity} ${words.units[view.unit]}`
  const rows: [string, Html | string][] = [
    [words.facts.service, view.service],
    [words.facts.provider, view.provider],
    [words.facts.quantity, delivery ? `${count}, ${written(delivery.deliveredAt, timeZone)}` : count],
  ]
  if (!delivery) {
    rows.push([words.facts.where, whereOf(view, words)])
    if (view.hours) rows.push([words.facts.when, hoursOf(view.hours, words)])
    rows.push([words.facts.cost, costOf(view, currency, words)])
  }
  rows.push([words.facts.until, written(view.expiresAt, timeZone)])
  return html`<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

function whereOf({ mode, place }: LinkView, words: LinkWords): string {
  if (mode === 'home') return words.atHome
  if (mode === 'remote') return words.remote
  return place ? `${place.name}, ${place.address}` : words.placeNotTold
}

function costOf({ price, copayment }: LinkView, currency: string, words: LinkWords): string {
  if (copayment === 0) return words.free
  return words.pays(formatMoney(copayment, currency), formatMoney(price, currency))
}

const DAYS: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

/** A line per day; exceptions are the provider's to tell. */
function hoursOf({ weekly }: Hours, words: LinkWords): Html {
  const lines = DAYS.flatMap((day, at) => {
    const times = weekly
      .filter((one) => one.day === day)
      .map(({ opens, closes }) => `${opens}–${closes}`)
      .sort()
    return times.length > 0 ? [`${words.weekdays[at]} ${times.join(', ')}`] : []
  })
  return html`${lines.map((line) => html`${line}<br>`)}`
}

function written(instant: Date, timeZone: string): string {
  const { date, time } = localTime(timeZone, instant)
  return `${date} ${time}`
}

const QUIET: readonly LinkAction[] = ['decline', 'dispute_delivery']

/** One form, one button; the language is kept. */
function form(action: LinkAction, language: Language, words: LinkWords): Html {
  return html`<form method="post" action="?lang=${language}"><input type="hidden" name="action" value="${action}">
${reasons(action, words)}<button${QUIET.includes(action) ? html` class="quiet"` : ''}>${words.actions[action]}</button></form>
`
}

function reasons(action: LinkAction, words: LinkWords): Html | string {
  if (action === 'decline') return choices(RefusalReason.options, words.refusals, words)
  if (action === 'dispute_delivery') return choices(DisputeReason.options, words.disputes, words)
  return ''
}

function choices<Reason extends string>(
  options: readonly Reason[],
  texts: Record<Reason, string>,
  words: LinkWords,
): Html {
  const radios = options.map(
    (reason) =>
      html`<label><input type="radio" name="reason" value="${reason}" required> ${texts[reason]}</label>`,
  )
  return html`<fieldset><legend>${words.why}</legend>${radios}</fieldset>`
}
