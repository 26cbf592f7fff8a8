// Package notify receives Withings' notifications and keeps the subscriptions to them.
//
// A notification says that there is news: of which category (Withings calls it appli), of whom, and roughly of when. It is not
// signed. So it is only a hint to ask Withings, with two protections: the path of the address it is sent to ends in a [Secret] of
// 256 random bits, one for each profile, and it must name the profile's person. Bed events (categories 50 and 51) are the only ones
// that carry news themselves; Withings cannot be asked for them later.
//
// [Receiver] is the web handler: it answers at once and passes on what it has read. [Keeper] has Withings send notifications of
// the categories that the services of a profile need, and looks every hour whether it still does.
package notify
