// Prints the time zones as Go knows them, which is how OPA knows them: one line for each different history,
//
//	name name …|offset abbreviation,…|type delta.type delta.type …
//
// with the offset in seconds east of UTC, the first type in force before the first transition, and each transition
// as the seconds since the one before in base 36 (the first: since 1970) and the type that follows. `*2038` before the
// second bar: the 28 years from 2038 on stand for all that follow. Run by scripts/write-zone-data.mjs.
package main

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// The moments that 64 bits of nanoseconds name.
const first, last = -9223372037, 9223372036

// How many years hold each calendar (a year's length and first weekday), when no century is among them.
const cycleYears = 28

// Where the cycle starts, the first that fits: some zones have irregular years until 2086.
var cycleStarts = []int{2038, 2101}

type period struct {
	start int64
	zone  string
}

func main() {
	archive, err := zip.OpenReader(filepath.Join(runtime.GOROOT(), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		fail(err)
	}
	names := map[string][]string{}
	var histories []string
	for _, file := range archive.File {
		location, err := load(file)
		if err != nil {
			fail(err)
		}
		history := write(periods(location))
		if names[history] == nil {
			histories = append(histories, history)
		}
		names[history] = append(names[history], file.Name)
	}
	for _, history := range histories {
		fmt.Println(strings.Join(names[history], " ") + "|" + history)
	}
}

// load reads Go's own data, not those of the machine.
func load(file *zip.File) (*time.Location, error) {
	in, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	return time.LoadLocationFromTZData(file.Name, data)
}

func periods(location *time.Location) []period {
	var all []period
	for at := time.Unix(first, 0).In(location); at.Unix() <= last; {
		abbreviation, offset := at.Zone()
		zone := fmt.Sprintf("%d %s", offset, abbreviation)
		if len(all) == 0 || all[len(all)-1].zone != zone {
			all = append(all, period{at.Unix(), zone})
		}
		_, end := at.ZoneBounds()
		if end.IsZero() {
			break
		}
		// At the turn of some years Go gives bounds that do not hold the moment.
		if !end.After(at) {
			end = at.Add(time.Hour)
		}
		at = end
	}
	return all
}

func write(all []period) string {
	suffix := ""
	if yearOf(all[len(all)-1].start) >= 2261 {
		for _, start := range cycleStarts {
			if suffix = fmt.Sprintf("*%d", start); repeats(all, start) {
				all = slices.DeleteFunc(all, func(period period) bool { return yearOf(period.start) >= start+cycleYears })
				break
			}
			suffix = ""
		}
	}
	var types []string
	var text strings.Builder
	var before int64
	for position, period := range all {
		index := slices.Index(types, period.zone)
		if index < 0 {
			index = len(types)
			types = append(types, period.zone)
		}
		if position > 0 {
			text.WriteString(" " + strconv.FormatInt(period.start-before, 36) + ".")
			before = period.start
		}
		text.WriteString(strconv.FormatInt(int64(index), 36))
	}
	return strings.Join(types, ",") + suffix + "|" + text.String()
}

func repeats(all []period, cycleStart int) bool {
	for _, period := range all {
		if yearOf(period.start) < cycleStart+cycleYears {
			continue
		}
		moved := period.start + newYear(equivalent(yearOf(period.start), cycleStart)) - newYear(yearOf(period.start))
		if zoneAt(all, moved) != period.zone || zoneAt(all, moved-1) == period.zone {
			return false
		}
	}
	return true
}

// equivalent is the year of the cycle with the same calendar.
func equivalent(year, cycleStart int) int {
	const day = 24 * 3600
	for same := cycleStart; ; same++ {
		if (newYear(same)-newYear(year))%(7*day) == 0 && newYear(same+1)-newYear(same) == newYear(year+1)-newYear(year) {
			return same
		}
	}
}

func zoneAt(all []period, unix int64) string {
	after := sort.Search(len(all), func(index int) bool { return all[index].start > unix })
	return all[after-1].zone
}

func yearOf(unix int64) int { return time.Unix(unix, 0).UTC().Year() }

func newYear(year int) int64 { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix() }

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
