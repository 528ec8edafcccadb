import { type SQL, sql } from 'drizzle-orm'

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/**
 * Whether a text names one of many objects by its id. Every uuid in the text is looked up once, so that many ids cost
 * no more than one; still each row is read, so it is for what is done seldom.
 */
export function mentionsOneOf(text: SQL, uuids: readonly string[]): SQL {
  return sql`exists (select from regexp_matches(${text}, ${UUID}, 'g') as named
    where named[1] = any(${`{${uuids.join(',')}}`}::text[]))`
}
