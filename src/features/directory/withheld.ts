/**
 * What is withheld, in SQL over `directory_records`: a place, what is told of it, and a service with what is told of it
 * where all of its places are. Costs one look at an empty table where nothing is.
 */
const PLACES = '(select place_id from directory_withheld)'

const SERVICES = `(select place.service_id from directory_records place
  where place.kind = 'service_at_location' and place.service_id in (select known.service_id
    from directory_withheld withheld
    join directory_records known on known.kind = 'service_at_location' and known.id = withheld.place_id)
  group by place.service_id having bool_and(place.id in ${PLACES}))`

export const WITHHELD_IN_SQL = `(exists (select from directory_withheld) and coalesce(case directory_records.kind
  when 'service_at_location' then directory_records.id in ${PLACES}
  when 'service' then directory_records.id in ${SERVICES}
  else directory_records.service_at_location_id in ${PLACES} or directory_records.service_id in ${SERVICES}
  end, false))`
