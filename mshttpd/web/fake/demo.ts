// SPDX-License-Identifier: Apache-2.0
// Serves the built page with an account full of samples: npm run demo, then log in as anna with the password secret.
import { serve } from './node';
import { FakeServer } from './server';

const fake = new FakeServer();
const anna = [{ name: 'Anna Example', email: 'anna@example.org' }];
const people = ['Bert Example', 'Clara Novak', 'David Okoro', 'Eva Lindqvist', 'Farid Haddad'].map((name) =>
  ({ name, email: `${name.split(' ')[0]!.toLowerCase()}@example.org` }));
const subjects = ['Minutes of Monday', 'Lunch?', 'Budget for the spring', 'The new office', 'Photos of the trip', 'Invoice 4711', 'Question about the release'];

for (let i = 0; i < 400; i++) {
  const from = people[i % people.length]!;
  const subject = subjects[i % subjects.length]!;
  fake.account.addEmail({ from: [from], subject, text: `Hello Anna,\n\nthis is about ${subject.toLowerCase()}, number ${i}.\n\nRegards,\n${from.name}`, ...(i < 380 && { keywords: ['$seen'] }) });
}
const first = fake.account.addEmail({
  from: [people[1]!], subject: 'Garden party', thread: 'garden',
  html: '<p>Dear <b>Anna</b>,</p><p style="color:#a02020">will you come to the garden party?</p><img src="https://tracker.example/pixel.gif" width="1" height="1"><p>Clara</p>',
});
fake.account.addEmail({ from: anna, to: [people[1]!], subject: 'Re: Garden party', thread: 'garden', mailbox: 'sent', keywords: ['$seen'],
  text: `With pleasure!\n\nOn Monday, Clara wrote:\n> will you come to the garden party?` });
fake.account.addEmail({ from: [people[1]!], subject: 'Re: Garden party', thread: 'garden', text: 'Wonderful, see you then.' });
fake.account.addMailbox('Projects');
fake.account.principals.push({ id: 'p-bert', type: 'individual', name: 'Bert Example', email: 'bert@example.org' });
void first;
void serve(fake, 'dist', Number(process.env['PORT'] ?? 0)).then((url) => console.log(url));
