// Prints every instance in a calendar as ical.js reads it, in UTC and in order.
import { readFileSync } from 'node:fs';
import ICAL from '../../../../assets/node_modules/ical.js/dist/ical.js';

const root = new ICAL.Component(ICAL.parse(readFileSync(process.argv[2], 'utf8')));
for (const zone of root.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
const events = root.getAllSubcomponents('vevent').map((c) => new ICAL.Event(c, { strictExceptions: true, exceptions: [] }));
const lines = [];
const put = (time, title) => lines.push(`${time.isDate ? time.toString() : time.convertToZone(ICAL.Timezone.utcTimezone).toString()} ${title}\n`);
for (const event of events) {
  if (event.isRecurrenceException()) continue;
  if (!event.isRecurring()) {
    put(event.startDate, event.summary);
    continue;
  }
  for (const other of events) if (other.isRecurrenceException() && other.uid === event.uid) event.relateException(other);
  const all = event.iterator();
  for (let t = all.next(), n = 0; t && n < 1000; t = all.next(), n++) {
    const at = event.getOccurrenceDetails(t);
    put(at.startDate, at.item.summary);
  }
}
process.stdout.write(lines.sort().join(''));
