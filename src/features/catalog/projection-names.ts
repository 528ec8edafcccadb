/** Services that an organization lists twice under one name: the catalog tells services by name, a directory by id. Pure. */
export interface NamedService {
  id: string
  organizationId: string
  category: string
  term: string
  name: string
}

const LONGEST = 200

export function serviceKey({ organizationId, category, term, name }: Omit<NamedService, 'id'>): string {
  return JSON.stringify([organizationId, category, term, name])
}

/**
 * The services under names that are free: where another one has the name, a part of the id tells them apart.
 * @param holders ids of the services that have a name already, by key.
 */
export function toldApart(
  services: readonly NamedService[],
  holders: ReadonlyMap<string, string>,
): NamedService[] {
  const taken = new Map(holders)
  return services.map((service) => {
    const name = namesFor(service).find((name) => {
      const holder = taken.get(serviceKey({ ...service, name }))
      return holder === undefined || holder === service.id
    })!
    taken.set(serviceKey({ ...service, name }), service.id)
    return { ...service, name }
  })
}

/** Every name that a service may be given, the best first. */
export function namesFor(service: NamedService): string[] {
  return [service.name, marked(service, service.id.slice(-8)), marked(service, service.id)]
}

function marked({ name }: NamedService, mark: string): string {
  return `${cutTo(name, LONGEST - mark.length - 3)} (${mark})`
}

/** At most so many UTF-16 units, and no half character at the end. */
export function cutTo(text: string, longest: number): string {
  return text
    .slice(0, longest)
    .replace(/\p{Surrogate}$/u, '')
    .trim()
}
