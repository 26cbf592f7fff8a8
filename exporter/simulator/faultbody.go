package simulator

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
)

// bend changes the body of a good answer. Trees may be shared with other requests, so it builds new ones.
func (f *Fault) bend(reply answer, form url.Values) answer {
	if reply.status != 0 {
		return reply
	}
	body, _ := reply.tree.Get("body")
	switch f.Kind {
	case FaultArrayBody:
		body = f.arrays(body)
	case FaultFalseNumbers:
		body = f.falses(body)
	case FaultStringNumbers:
		body = f.numbers(body, f.Keys, func(text string) any { return text })
	case FaultUnknowns:
		body = eachList(body, func(list []any) []any { return append(list, strange(list[0])) })
		if object, ok := body.(Fields); ok {
			body = append(object, futureField)
		}
	case FaultBrokenRecord:
		body = eachList(body, func(list []any) []any { return slices.Insert(list, len(list)/2, broken(list[0])) })
	case FaultValue:
		body = f.replaced(body)
	case FaultWithout:
		if len(f.Keys) == 0 {
			reply.tree = Fields{{"status", 0}}
			return reply
		}
		body = without(body, f.Keys)
	case FaultShortLists:
		body = eachList(body, func(list []any) []any { return list[:min(f.Status, len(list))] })
	case FaultStuckOffset:
		body = stuck(body, form.Get("offset"))
	case FaultLostAnswer, FaultCut:
		reply.http = 0
		return reply
	}
	reply.tree = Fields{{"status", 0}, {"body", body}}
	return reply
}

// arrays puts [] in the place of the body, or of every named member.
func (f *Fault) arrays(body any) any {
	if len(f.Keys) == 0 {
		return []any{}
	}
	return rebuild(body, "", func(name string, value any) any {
		if slices.Contains(f.Keys, name) {
			return []any{}
		}
		return value
	})
}

// replaced puts a literal in the place of the body, or of every named member.
func (f *Fault) replaced(body any) any {
	literal := parsed(f.Text)
	if len(f.Keys) == 0 {
		return literal
	}
	return rebuild(body, "", func(name string, value any) any {
		if _, isItem := value.(Fields); slices.Contains(f.Keys, name) && !isItem {
			return literal
		}
		return value
	})
}

// parsed is a literal of JSON as a tree; anything else is a text.
func parsed(text string) any {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	if object, ok := value.(map[string]any); ok && len(object) == 0 {
		return Fields{}
	}
	return value
}

// without copies a tree less the named members.
func without(value any, names []string) any {
	switch v := value.(type) {
	case Fields:
		copied := make(Fields, 0, len(v))
		for _, field := range v {
			if !slices.Contains(names, field.Name) {
				copied = append(copied, Field{field.Name, without(field.Value, names)})
			}
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = without(item, names)
		}
		return copied
	}
	return value
}

// falses puts false in the place of numbers. Without Keys these are the ones seen in the wild; more and
// offset among them on a last page only, for a page that hides the next one would be a lie.
func (f *Fault) falses(body any) any {
	toFalse := func(string) any { return false }
	if len(f.Keys) > 0 {
		return f.numbers(body, f.Keys, toFalse)
	}
	object, ok := f.numbers(body, []string{"created", "modified", "updatetime"}, toFalse).(Fields)
	if !ok {
		return body
	}
	if more, given := object.Get("more"); given && more != false {
		return object
	}
	return object.with("more", false).with("offset", false)
}

// numbers replaces the numbers with the given names; no names at all means every number.
func (f *Fault) numbers(body any, names []string, replace func(text string) any) any {
	return rebuild(body, "", func(name string, value any) any {
		if !isNumber(value) || len(names) > 0 && !slices.Contains(names, name) {
			return value
		}
		return replace(string(appendJSON(nil, value)))
	})
}

func isNumber(value any) bool {
	switch value.(type) {
	case int, int64, float64:
		return true
	}
	return false
}

// rebuild copies a tree and lets change replace values on the way, given the name of their member. Items
// of a list go by the name of the list.
func rebuild(value any, name string, change func(name string, value any) any) any {
	switch v := value.(type) {
	case Fields:
		copied := make(Fields, len(v))
		for i, field := range v {
			copied[i] = Field{field.Name, rebuild(field.Value, field.Name, change)}
		}
		value = copied
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = rebuild(item, name, change)
		}
		value = copied
	}
	return change(name, value)
}

// eachList changes the lists of records directly in a body. The series of intraday data, an object keyed by
// moments, counts as one: it gets an entry under a key that is no moment.
func eachList(body any, change func([]any) []any) any {
	object, ok := body.(Fields)
	if !ok {
		return body
	}
	copied := slices.Clone(object)
	for i, field := range copied {
		switch v := field.Value.(type) {
		case []any:
			if len(v) > 0 {
				copied[i].Value = change(slices.Clone(v))
			}
		case Fields:
			if field.Name == "series" && len(v) > 0 {
				odd := change([]any{v[0].Value})
				copied[i].Value = append(slices.Clone(v), Field{"soon", odd[len(odd)-1]})
			}
		}
	}
	return copied
}

// futureField is a member that no client has heard of.
var futureField = Field{"future_field", Fields{{"kind", "unheard of"}, {"list", []any{1, nil, "two"}}}}

// twentyYears moves a strange record out of the way of the good ones.
const twentyYears = 20 * 365 * secondsPerDay

// strange copies a record and gives it enum values that nobody knows. Ids and days change too, so that the
// record stands beside the good ones and not for one of them.
func strange(record any) any {
	object, ok := record.(Fields)
	if !ok {
		return record
	}
	_, isSession := object.Get("startdate")
	copied := make(Fields, 0, len(object)+1)
	for _, field := range object {
		copied.add(field.Name, strangeValue(field, isSession))
	}
	return append(copied, futureField)
}

func strangeValue(field Field, isSession bool) any {
	number, isInt := field.Value.(int)
	if wide, ok := field.Value.(int64); ok {
		switch field.Name {
		case "grpid", "id", "signalid":
			return wide + 1<<50
		case "startdate", "enddate":
			return wide - twentyYears
		}
	}
	_, isText := field.Value.(string)
	switch field.Name {
	case "attrib", "appli", "afib", "state":
		return 4242
	case "category":
		if isSession {
			return 4242
		}
	case "type", "model", "model_id", "modelid":
		if isInt {
			return number + 9000
		}
		if isText {
			return "Futuristic device"
		}
	case "battery":
		return "solar"
	case "deviceid", "hash_deviceid":
		return "0123456789012345678901234567890123456789"
	case "date":
		if isText {
			return "1999-12-31"
		}
	case "measures":
		if list, ok := field.Value.([]any); ok && len(list) > 0 {
			return append(slices.Clone(list), strange(list[0]))
		}
	}
	return field.Value
}

// broken copies a record so that no member has the type it should have.
func broken(record any) any {
	object, ok := record.(Fields)
	if !ok {
		return "broken"
	}
	copied := make(Fields, len(object))
	for i, field := range object {
		copied[i] = Field{field.Name, "broken"}
		if _, isText := field.Value.(string); isText {
			copied[i].Value = Fields{{"broken", true}}
		}
	}
	return copied
}

// stuck makes a page say that there is more, from the same offset on.
func stuck(body any, offset string) any {
	object, ok := body.(Fields)
	if !ok {
		return body
	}
	at, err := strconv.Atoi(offset)
	if err != nil {
		at = 0
	}
	var more any = true
	if _, measures := object.Get("measuregrps"); measures {
		more = 1
	}
	return slices.Clone(object).with("more", more).with("offset", at)
}
